"""Quiz questions from the course: asked without their answer, held against it once the student has tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .intent import ParsedQuestion
from .passages import Section, all_parts, choose
from .phrases import source_line
from .request import TurnView
from .showing import read_whole, shown
from .statements import speaks_as_self
from .terms import Language, coverage, terms_of
from .topic import Reply, Topic

_PAIR = re.compile(
    r"^(?:\d+[.)]\s*|[-*]\s*)?(?P<question>[^\n>].*?)\s*\n+>?\s*(?:정답|답|Answer)\s*:\s*(?P<answer>.+?)(?=\n\s*\n|\n\d+[.)]\s|\Z)",
    re.MULTILINE | re.DOTALL,
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_GIVES_UP = re.compile(
    r"모르겠|몰라|포기|패스|건너뛰|정답|답(?:을|이|은)?\s*(?:알려|뭐|보여|궁금)|\b(?:don't|do\s+not|dunno)\s*(?:know)?|\bno\s+idea\b|\bgive\s+up\b|\bthe\s+answer\b|\b(?:skip|pass)\b|\bidk\b",
    re.IGNORECASE,
)
_ANSWERS = frozenset({"statement", "claim", "arithmetic", "definition", "stuck", "yes", "how", "why", "more"})
_WORDS: dict[str, dict[Language, str]] = {
    "try": {
        "ko": "풀어 보고 답을 적어 주세요. 막히면 ‘힌트’, 모르겠으면 ‘모르겠어요’라고 하시면 됩니다.",
        "en": "Have a go and type your answer; say “hint” if you are stuck or “I don't know” to see it.",
    },
    "in_korean": {"ko": "", "en": "(The question is in Korean.)"},
    "right": {"ko": "맞았습니다. 자료의 답은 이렇습니다.", "en": "That is right. The material's answer:"},
    "partly": {
        "ko": "일부만 맞았습니다. 자료의 답과 견주어 보세요.",
        "en": "Part of it is right. Compare it with the material's answer:",
    },
    "wrong": {
        "ko": "아쉽지만 숫자가 다릅니다. 자료의 답은 이렇습니다.",
        "en": "Not quite, the numbers differ. The material's answer:",
    },
    "compare": {
        "ko": "글로 쓴 답은 제가 채점하지 못합니다. 자료의 답과 견주어 보세요.",
        "en": "I cannot mark an answer in words. Compare it with the material's:",
    },
    "given_up": {"ko": "괜찮습니다. 자료의 답은 이렇습니다.", "en": "That is fine. The material's answer:"},
    "next": {"ko": "다음 문제도 풀어 보시겠어요?", "en": "Would you like another question?"},
    "hint": {"ko": "이 대목이 도움이 됩니다.", "en": "This part helps."},
    "none": {
        "ko": "이 주제로 더 낼 확인 문제가 자료에 없습니다.",
        "en": "The material has no further quiz question on this.",
    },
}

_PENDING = re.compile(
    rf"^> (?P<question>.+)\n\n(?:{'|'.join(map(re.escape, _WORDS['try'].values()))})", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question of the course with its answer key, and the part it stands in."""

    question: str
    answer: str
    part: Section


def pairs_of(part: Section) -> Iterator[Pair]:
    """Give the questions of a part with their answers."""
    for found in _PAIR.finditer(part.body):
        yield Pair(" ".join(found["question"].split()), " ".join(found["answer"].split()), part)


def pending_question(view: TurnView) -> Pair | None:
    """The question that was asked last and not answered yet."""
    if not view.earlier:
        return None
    last = " ".join(view.earlier[-1].said.split())
    for pair in _known(view):
        if pair.question in last and pair.answer not in last:
            return pair
    return None


def look_again(view: TurnView) -> Reply | None:
    """Find the part that a pending question stands in once more, where the turn that brought it was folded."""
    asked = _PENDING.search(view.earlier[-1].said) if view.earlier else None
    if asked is None or "archival_memory_search" not in view.tools:
        return None
    if not view.done("archival_memory_search"):
        return Reply(calls=(("archival_memory_search", {"query": asked["question"]}),))
    wholes = (read_whole(view, part) for part in _quizzes(view, None))
    return next((move for move in wholes if move is not None), None)


def is_attempt(view: TurnView, ask: ParsedQuestion) -> bool:
    """Whether a turn tries to answer the pending question, and does not ask something else."""
    if _GIVES_UP.search(view.said):
        return True
    asks = ask.intent in {"definition", "how", "why", "more"} and re.search(
        r"[?？]\s*$|알려|설명|뭐|무엇|\bexplain\b|\bwhat\b", view.said
    )
    if ask.intent == "told":
        return bool(_NUMBER.search(view.said)) or not speaks_as_self(view.said)
    return ask.intent in _ANSWERS and not asks


def attempted(view: TurnView, pair: Pair) -> Reply:
    """Show the answer key beside what the student said; only numbers are judged."""
    language = view.language
    key = (
        "given_up"
        if _GIVES_UP.search(view.said) and not _new_numbers(view.said, pair)
        else _verdict(view.said, pair)
    )
    source = source_line("quiz", pair.part.file, f"[{pair.part.id}]", language)
    return Reply("\n\n".join([_WORDS[key][language], f"> {pair.answer}", source, _WORDS["next"][language]]))


def ask_one(view: TurnView, topic: Topic) -> Reply:
    """Ask a question that was not asked yet, about the topic at hand or about anything."""
    said = " ".join(" ".join(exchange.said.split()) for exchange in view.earlier)
    fresh = [pair for pair in _known(view, topic) if pair.question not in said]
    if fresh:
        return _asked(view, fresh[0])
    done = view.done("archival_memory_search")
    query = f"{' '.join(topic.terms)} 확인 문제 questions".strip()
    if not done and "archival_memory_search" in view.tools:
        return Reply(calls=(("archival_memory_search", {"query": query}),))
    for result in _cut(view, topic):
        if more := read_whole(view, result):
            return more
    return Reply(_WORDS["none"][view.language], answered=True)


def hint(view: TurnView, pair: Pair) -> Reply:
    """Quote the part of the same file that speaks of the question most, and ask it again."""
    parts = [part for part in all_parts(view.known.values()) if part.file == pair.part.file]
    helping = choose(parts, ("how", "definition", "example", "why"), terms_of(pair.question), pair.question)
    done = view.done("archival_memory_search")
    if not helping and not done and "archival_memory_search" in view.tools:
        return Reply(calls=(("archival_memory_search", {"query": pair.question}),))
    if helping and (more := read_whole(view, helping[0])):
        return more
    words = [_WORDS["hint"][view.language], shown(helping[0], view)] if helping else []
    return Reply("\n\n".join([*words, f"> {pair.question}", _WORDS["try"][view.language]]))


def _asked(view: TurnView, pair: Pair) -> Reply:
    language = view.language
    source = source_line("quiz", pair.part.file, f"[{pair.part.id}]", language)
    korean = _WORDS["in_korean"][language] if re.search(r"[가-힣]", pair.question) else ""
    pieces = [f"{source} {korean}".strip(), f"> {pair.question}", _WORDS["try"][language]]
    return Reply("\n\n".join(pieces))


def _known(view: TurnView, topic: Topic | None = None) -> list[Pair]:
    return [pair for part in _quizzes(view, topic) for pair in pairs_of(part)]


def _cut(view: TurnView, topic: Topic) -> list[Section]:
    return [part for part in _quizzes(view, topic) if part.cut]


def _quizzes(view: TurnView, topic: Topic | None) -> list[Section]:
    """The quiz parts in view, those on the topic only where there is one, this turn's finds first."""
    found = [hit for hit in view.hits() if hit.id in view.known]
    ids = {hit.id for hit in found}
    rest = [hit for hit in view.known.values() if hit.id not in ids]
    parts = [part for part in all_parts([*found, *rest]) if part.section == "quiz"]
    if topic is None:
        return parts
    if topic.file:
        return [part for part in parts if part.file == topic.file]
    return [part for part in parts if not topic.terms or coverage(part.about, topic.terms) >= 0.5]


def _new_numbers(said: str, pair: Pair) -> set[str]:
    return _numbers(said) - _numbers(pair.question)


def _numbers(text: str) -> set[str]:
    found = (number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text))
    return {number.rstrip("0").rstrip(".") if "." in number else number for number in found}


def _verdict(said: str, pair: Pair) -> str:
    """Judge by the numbers that the answer adds to the question; in words, nothing is judged."""
    wanted = _results(pair.answer) - _numbers(pair.question)
    given = _numbers(said)
    if not wanted or not given:
        return "compare"
    if wanted <= given:
        return "right"
    return "partly" if wanted & given else "wrong"


def _results(answer: str) -> set[str]:
    """The numbers an answer arrives at: those after an equals sign, or all of them where there is none."""
    after = re.findall(r"=\s*(?:약\s*)?(\d[\d,]*(?:\.\d+)?)(?!\s*[·×*+/^−-])", answer)
    numbers = _numbers(" ".join(after)) if after else _numbers(answer)
    tail = re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*(?:개|배|번|%|입니다)", answer)
    return numbers | _numbers(" ".join(tail)) if after else numbers
