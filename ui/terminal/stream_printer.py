"""What a reply is written on: plain text as it comes, or finished Markdown blocks, each printed once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from ...agent.events import Citation
from .door import draw, put
from .stdout import stdout

Cite = Callable[[str], Sequence[Citation]]

MENTIONS = 1000
"""How often the sources of one answer are looked up; what it names beyond that keeps its id."""

_GROUP = re.compile(r"\[\s*([am]\d+(?:\s*[,;]\s*[am]\d+)*)\s*\]")
_BEGUN = re.compile(r"\[[\sam\d,;]{0,60}$|\r$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Clears(Protocol):
    """Something that makes way for what is printed next."""

    def clear(self) -> None:
        """Make way."""
        ...


class StreamPrinter(Protocol):
    """Takes a reply piece by piece."""

    def write(self, piece: str) -> None:
        """Take the next piece."""
        ...

    def pause(self) -> None:
        """Finish what is begun: something else will be printed before the reply goes on."""
        ...

    def take_back(self) -> bool:
        """Drop what was not printed yet; True if some of the reply was printed already."""
        ...

    def end(self) -> None:
        """Finish the reply."""
        ...


class Numbering:
    """Puts numbers in the place of the ids a reply names: `[a12]` becomes `[1]`.

    An id that leads to nothing stays as it is.
    """

    def __init__(self, cites: Cite) -> None:
        self._cites = cites
        self._numbers: dict[str, int] = {}
        self._asked = 0
        self._held = ""

    def take(self, piece: str) -> str:
        """Give the text that can be shown now; what may be the beginning of an id is held back."""
        text = self._held + piece
        begun = _BEGUN.search(text)
        cut = begun.start() if begun else len(text)
        self._held = text[cut:]
        return self._numbered(text[:cut])

    def rest(self) -> str:
        """Give what was held back."""
        held, self._held = self._held, ""
        return self._numbered(held)

    def drop(self) -> None:
        """Forget what was held back, and the numbers given so far: what was said is taken back."""
        self._held = ""
        self._numbers.clear()

    def _numbered(self, text: str) -> str:
        if not _GROUP.search(text):
            return text
        self._look_up(dict.fromkeys(i for group in _GROUP.findall(text) for i in _ids(group)))

        def shown(group: re.Match[str]) -> str:
            return "".join(f"[{self._numbers.get(i, i)}]" for i in _ids(group[1]))

        return _GROUP.sub(shown, text)

    def _look_up(self, ids: Iterable[str]) -> None:
        """Number the sources that are named for the first time; what leads nowhere may come into view later."""
        new = [i for i in ids if i not in self._numbers][: MENTIONS - self._asked]
        if new:
            self._asked += len(new)
            for citation in self._cites(" ".join(f"[{i}]" for i in new)):
                self._numbers.setdefault(citation.id, len(self._numbers) + 1)


def _ids(group: str) -> list[str]:
    return re.split(r"\s*[,;]\s*", group)


class PlainPrinter:
    """Prints the reply once it is whole, or something else is to be printed: in a pipe nobody watches it come, and what
    is taken back must not stand there."""

    def __init__(self, cites: Cite) -> None:
        self._numbering = Numbering(cites)
        self._waiting: list[str] = []
        self._written = False
        self._parted = False

    def write(self, piece: str) -> None:
        self._waiting.append(self._numbering.take(piece))

    def pause(self) -> None:
        self._end_line()
        self._parted = self._written

    def take_back(self) -> bool:
        self._numbering.drop()
        self._waiting.clear()
        return False

    def end(self) -> None:
        self._end_line()
        self._written = self._parted = False

    def _print(self, text: str) -> None:
        if not text:
            return
        if self._parted:
            put(stdout(), "\n")
            self._parted = False
        self._written = True
        put(stdout(), text)

    def _end_line(self) -> None:
        """End the line at once: what is said beside the answer may go to the same place."""
        self._print("".join([*self._waiting, self._numbering.rest()]))
        self._waiting.clear()
        if self._written and not self._parted:
            put(stdout(), "\n")


class MarkdownPrinter:
    """Prints each block of the reply when it is finished; nothing that stands on the screen is painted again."""

    def __init__(self, cites: Cite, hint: Clears) -> None:
        self._numbering = Numbering(cites)
        self._hint = hint
        self._blocks = Blocks()
        self._written = False

    def write(self, piece: str) -> None:
        for block in self._blocks.take(self._numbering.take(piece)):
            self._print(block)

    def pause(self) -> None:
        self.end()

    def take_back(self) -> bool:
        self._numbering.drop()
        self._blocks.rest()
        return self._written

    def end(self) -> None:
        for block in [*self._blocks.take(self._numbering.rest()), self._blocks.rest()]:
            self._print(block)

    def _print(self, block: str) -> None:
        from .markdown import rendered

        text = rendered(block) if block.strip() else ""
        if text:
            self._hint.clear()
            draw(stdout(), f"\n{text}\n" if self._written else f"{text}\n")
            self._written = True


class Blocks:
    """Cuts a stream of Markdown where a block has ended for certain.

    That is before a line that is not indented, after an empty line, outside a fence: a list whose items are set
    apart, or a paragraph that belongs to an item, stays whole.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._open = ""
        self._fence = ""

    def take(self, piece: str) -> Iterator[str]:
        """Take the next piece and give every block that it finishes."""
        *whole, self._open = (self._open + piece).split("\n")
        for line in whole:
            if self._ends_before(line):
                yield self._cut()
            self._lines.append(line)
            self._mind_fence(line)
        if self._open and self._ends_before(self._open):
            yield self._cut()

    def rest(self) -> str:
        """Give what is left at the end."""
        self._lines.append(self._open)
        self._open = self._fence = ""
        return self._cut()

    def _cut(self) -> str:
        block = "\n".join(self._lines)
        self._lines.clear()
        return block

    def _ends_before(self, line: str) -> bool:
        after_empty = bool(self._lines) and not self._lines[-1].strip() and not self._fence
        return after_empty and bool(line.strip()) and line[0] not in " \t" and not self._goes_on(line)

    def _goes_on(self, line: str) -> bool:
        first = next((known for known in self._lines if known.strip()), "")
        item = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?: |$)")
        # Of a line that has only begun it cannot be known yet whether it is another item.
        begun = line is self._open and re.fullmatch(r"[-*+]|\d{1,9}[.)]?", line) is not None
        return item.match(first) is not None and (begun or item.match(line) is not None)

    def _mind_fence(self, line: str) -> None:
        found = _FENCE.match(line)
        if self._fence:
            closes = line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0])
            self._fence = "" if closes else self._fence
        elif found:
            self._fence = found[1]
