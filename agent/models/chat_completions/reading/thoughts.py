"""A model's thoughts, told from its speech while the text streams.

Each family of models marks its thoughts in its own way, and servers pass the marks on: `<think>`, `[THINK]`, `◁think▷`,
the channels of gpt-oss. Where the opening mark stood in the prompt only the closing one arrives. Words about such
marks, in code or in mid-sentence, are speech.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

_WORDS = (
    "think", "thinking", "thought", "thoughts", "reasoning", "reason", "reflection", "analysis", "scratchpad",
    "seed:think", "mm:think", "antthinking", "ant_thinking", "antml:thinking", "longcat_think", "long_think",
    "inner_monologue", "internal_monologue", "inner_thoughts", "chain_of_thought", "cot", "thought_process",
)  # fmt: skip
_BRACKETED = ("think", "thinking", "thought", "reasoning")
_PAIRS = {
    **{f"<{word}>": f"</{word}>" for word in _WORDS},
    **{f"[{word}]": f"[/{word}]" for word in _BRACKETED},
    **{f"◁{word}▷": f"◁/{word}▷" for word in _BRACKETED},
    **{f"<|{word}|>": f"<|/{word}|>" for word in _BRACKETED},
    **{f"<|begin_of_{word}|>": f"<|end_of_{word}|>" for word in ("thought", "thinking", "think")},
    **{f"<|{word}_start|>": f"<|{word}_end|>" for word in ("thought", "thinking", "think", "reasoning")},
    **{f"<|start_{word}|>": f"<|end_{word}|>" for word in ("thinking", "think", "thought")},
    "<|inner_prefix|>": "<|inner_suffix|>",
    "<|channel>thought": "<channel|>",
    "<unused94>thought": "<unused95>",
}
"""Opening and closing marks, in lower case."""

_CHANNEL, _BODY, _START = "<|channel|>", "<|message|>", "<|start|>"
_SHOWN = frozenset({"final", "commentary"})
_CHANNEL_ENDS = re.compile(r"<\|(?:end|call|return)\|>|(?=<\|(?:start|channel)\|>)")
_RECIPIENT = re.compile(r"to=(?:functions\.)?([\w-]+)")
_BARE, _BARE_END = re.compile(r"analysis(?=[A-Z가-힣])"), re.compile("assistantfinal")
"""What is left of gpt-oss's channels where a server drops the marks but not the words between them."""

_DROPPED = frozenset({
    "<|end|>", "<|call|>", "<|return|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>", "<|eom_id|>",
    "<|end_of_text|>", "<｜end▁of▁sentence｜>", "<|begin_of_solution|>", "<|end_of_solution|>",
    "<|start_response|>", "<|end_response|>", "<|begin_of_answer|>", "<|end_of_answer|>", "[eos]",
})  # fmt: skip
"""Marks that are neither: the end of a turn, the edges of an answer."""

_CLOSINGS = frozenset(_PAIRS.values())
_TOKENS = sorted({*_PAIRS, *_CLOSINGS, *_DROPPED, _CHANNEL, _START}, key=len, reverse=True)
_TOKEN = re.compile(r"(?=[<\[◁])(?:" + "|".join(map(re.escape, _TOKENS)) + ")", re.IGNORECASE)
_BEGINNINGS = frozenset(token[:end] for token in _TOKENS for end in range(1, len(token)))
_BEGINS = re.compile("[<\\[◁]")
_LONGEST = len(_TOKENS[0])

HEADER_CHARS = 200
"""Characters between the name of a channel and what is said in it."""

ASIDE_CHARS = 20
"""Characters of a thought in the middle of an answer; what is shorter is somebody writing about the marks."""

State = Literal["start", "held", "thought", "aside", "speech"]


class Taken:
    """All text that was given out before was a thought: only its end was marked."""


TAKEN = Taken()


class Speech:
    """Parts streamed text into thoughts, which are kept back, and speech.

    Args:
        opened: The prompt may have opened a thought, so nothing is given out before its end or the end of the reply.
        until: What shows, with `opened`, that it is speech after all.
        tools: Names of the tools that were offered; a call in a channel of gpt-oss is given on as one in a tag.

    Attributes:
        found: There was a thought.
        only_closed: A thought was closed that was never opened.
    """

    def __init__(
        self, *, opened: bool = False, until: re.Pattern[str] | None = None, tools: Collection[str] = ()
    ) -> None:
        self.found = self.only_closed = False
        self._opened, self._until, self._tools, self._looked = opened, until, tools, 0
        self._state: State = "start"
        self._held: str = ""
        self._mark, self._closing, self._recipient = "", _BARE_END, ""
        self._thought: list[str] = []
        self._mentioned = 0
        self._said = _Said()

    @property
    def unclosed(self) -> str:
        """The thought that is open now, "" if none is."""
        return self._thought_so_far() if self._state == "thought" else ""

    def release(self) -> None:
        """Take it that the prompt opened no thought: the server tells thoughts apart itself, or speech has begun."""
        self._opened = False
        self._state = "speech" if self._state == "held" else self._state

    def feed(self, text: str) -> Iterator[str | Taken]:
        """Take a piece of text and give what the person may see of it."""
        self._held += text
        yield from self._read(final=False)

    def close(self, *, cut: bool = False) -> Iterator[str | Taken]:
        """Give what was held back, at the end of the reply: a mark that came to nothing, but no thoughts.

        Args:
            cut: The reply ended at its length limit.
        """
        yield from self._read(final=True)
        if self._state == "held" and cut:
            self.found, self._state = True, "thought"
        elif self._state == "held":
            self.release()
            yield from self._read(final=True)
        elif self._state == "aside" and not cut:
            yield from self._say(self._mark + self._thought_so_far())
        elif self._recipient:
            yield self._call(self._thought_so_far())

    def _read(self, *, final: bool) -> Iterator[str | Taken]:
        before = None
        while self._held and before != (self._state, len(self._held)):
            before = (self._state, len(self._held))
            match self._state:
                case "start":
                    self._start(final=final)
                case "held":
                    self._wait()
                case "thought" | "aside":
                    yield from self._skip(final=final)
                case "speech":
                    yield from self._speak(final=final)

    def _start(self, *, final: bool) -> None:
        """Look for a mark where nothing has been said yet, or a thought has just ended."""
        held = self._held.lstrip()
        found = _TOKEN.match(held)
        mark = found[0].lower() if found else ""
        rest = held[len(mark) :]
        if mark == _CHANNEL:
            self._channel(rest, final=final)
        elif mark == _START:
            role = re.match(r"\w*", rest)
            if role and (final or role.end() < len(rest)):
                self._held = rest[role.end() :]
        elif mark in _PAIRS:
            self._open(mark, _ending(mark), rest, "thought")
        elif mark:
            self._held = rest
            self._note_closing(mark)
        elif bare := _BARE.match(held):
            self._open("", _BARE_END, held[bare.end() :], "thought")
        elif held and (final or not (held.lower() in _BEGINNINGS or "analysis".startswith(held))):
            self._state = "held" if self._opened else "speech"
            self._held = held if self.found else self._held

    def _note_closing(self, mark: str) -> None:
        if mark in _CLOSINGS:
            self.only_closed = self.only_closed or not self.found
            self.found = True

    def _channel(self, rest: str, *, final: bool) -> None:
        """Read which channel of gpt-oss begins."""
        header, body, said = rest.partition(_BODY)
        if not body and not final and len(header) < HEADER_CHARS:
            return
        name = header.strip().partition(" ")[0].partition("<")[0].lower()
        recipient = _RECIPIENT.search(header)
        if body and name in _SHOWN and not recipient:
            self._held, self._state, self._opened = said, "speech", False
            return
        self._open("", _CHANNEL_ENDS, said if body else header, "thought")
        self._recipient = recipient[1] if recipient and recipient[1] in self._tools else ""

    def _open(self, mark: str, closing: re.Pattern[str], rest: str, state: State) -> None:
        self.found = self.found or state == "thought"
        self._state, self._mark, self._closing, self._held = state, mark, closing, rest
        self._thought.clear()

    def _skip(self, *, final: bool) -> Iterator[str]:
        """Pass over a thought up to its closing mark."""
        end = self._closing.search(self._held)
        if end is None:
            kept = len(self._held) if final else max(0, len(self._held) - _LONGEST)
            self._thought.append(self._held[:kept])
            self._held = self._held[kept:]
            return
        self._thought.append(self._held[: end.start()])
        self._held = self._held[end.end() :]
        thought = "".join(self._thought)
        aside, self._state = self._state == "aside", "start"
        if self._recipient:
            yield self._call(thought)
        elif aside:
            self._state = "speech"
            if len(thought.strip()) < ASIDE_CHARS:
                yield from self._say(self._mark + thought + end[0])
            self.found = self.found or len(thought.strip()) >= ASIDE_CHARS
        self._opened = False
        self._thought.clear()

    def _thought_so_far(self) -> str:
        return "".join([*self._thought, self._held])

    def _call(self, arguments: str) -> str:
        name, self._recipient = self._recipient, ""
        return f'<tool_call>{{"name": "{name}", "arguments": {arguments.strip() or "{}"}}}</tool_call>'

    def _wait(self) -> None:
        """Keep everything until the thought that the prompt opened is closed, or it is seen to be speech."""
        for found in _TOKEN.finditer(self._held, self._looked):
            if found[0].lower() in _CLOSINGS:
                self._note_closing(found[0].lower())
                self._state, self._held, self._opened = "start", self._held[found.end() :], False
                return
        if self._until and self._until.search(self._held, self._looked):
            self.release()
        self._looked = max(0, len(self._held) - _LONGEST)

    def _speak(self, *, final: bool) -> Iterator[str | Taken]:
        """Give speech up to the next mark, and decide what that is."""
        found = _TOKEN.search(self._held)
        if found is None:
            begun = len(self._held) if final else self._begun()
            said, self._held = self._held[:begun], self._held[begun:]
            yield from self._say(said)
            return
        yield from self._say(self._held[: found.start()])
        self._held = self._held[found.start() :]
        after = self._held[len(found[0]) :]
        if not after and not final:  # what comes next decides
            return
        mark = found[0].lower()
        if self._said.in_code:
            yield from self._literal(found[0], after)
        elif mark in {_CHANNEL, _START}:
            self._state = "start"
        elif mark in _PAIRS and self._said.at_start:
            self._open(found[0], _ending(mark), after, "aside")
        elif mark in _PAIRS:
            self._mentioned += 1
            yield from self._literal(found[0], after)
        elif mark in _DROPPED:
            self._held = after
        elif self._mentioned or not (self._said.stands_alone or after[:1] in {"", "\n", "\r"}):
            self._mentioned = max(0, self._mentioned - 1)
            yield from self._literal(found[0], after)
        else:
            self._note_closing(mark)
            self._state, self._held, self._said = "start", after, _Said()
            yield TAKEN

    def _begun(self) -> int:
        """Find where in the held text a mark may begin; its length if nowhere."""
        for found in _BEGINS.finditer(self._held, max(0, len(self._held) - _LONGEST)):
            if self._held[found.start() :].lower() in _BEGINNINGS:
                return found.start()
        return len(self._held)

    def _literal(self, mark: str, after: str) -> Iterator[str]:
        self._held = after
        yield from self._say(mark)

    def _say(self, text: str) -> Iterator[str]:
        if text:
            self._said.read(text)
            yield text


class _Said:
    """Follows Markdown as far as needed to know where the next words stand: in code, at a beginning, in a sentence."""

    def __init__(self) -> None:
        self._fence = ""
        self._ticks = 0
        self._head = self._last = ""

    @property
    def in_code(self) -> bool:
        """Whether what comes next stands in code."""
        return bool(self._fence) or self._ticks % 2 == 1

    @property
    def at_start(self) -> bool:
        """Whether what comes next begins a line, or follows the end of a sentence without a blank."""
        return not self._head or self._last in {*".!?。…"}

    @property
    def stands_alone(self) -> bool:
        """Whether what comes next begins a line or is stuck to a word, where nobody writes about a mark."""
        return not self._head or not (self._last.isspace() or self._last in {*"\"'`“‘«([{<=:,"})

    def read(self, text: str) -> None:
        """Take what was said."""
        for line in text.splitlines(keepends=True) if "\n" in text else [text]:
            self._head = (self._head + line.strip())[:8] if len(self._head) < 8 else self._head
            goes_on = line[0] == "`" == self._last  # a run of them that was cut in two
            self._ticks += len(re.findall("`+", line)) - goes_on
            self._last = line[-1]
            if line.endswith("\n"):
                fence = self._head[:3]
                if fence in {"```", "~~~"} and self._fence in {"", fence}:
                    self._fence = "" if self._fence else fence
                self._ticks, self._head = 0, ""


def _ending(mark: str) -> re.Pattern[str]:
    return re.compile(re.escape(_PAIRS[mark]), re.IGNORECASE)
