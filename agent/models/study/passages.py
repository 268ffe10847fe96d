"""Course passages as the study model reads and quotes them: parts with a purpose, chosen, shown in either language.

A passage may be one section of a note or hold several; what each is for is told by its heading, else by its form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .intent import SectionKind
from .request import SeenHit
from .terms import Language, coverage, mentions, names_among, overlap, terms_of

_WORDS: tuple[tuple[SectionKind, str], ...] = (
    (
        "quiz",
        r"확인\s*문제|연습\s*문제|퀴즈|자가\s*점검|\bquiz|\bexercises?\b|\bpractice\b|\bself-?check",
    ),
    ("misconception", r"오해|흔한\s*실수|misconception|pitfall|common\s+mistake"),
    ("reference", r"더\s*알아보기|참고|문헌|출처|references?\b|further\s+reading|sources\b"),
    ("definition", r"정의|definition|\bwhat\s+is\b|개요|요약|overview|summary|소개|introduction"),
    ("compare", r"비교|차이|comparison|compare|\bvs\b|difference"),
    ("code", r"코드|구현|\bcode\b|implementation"),
    ("example", r"예시|예제|사례|\bexamples?\b"),
    ("why", r"왜\s|필요한가|필요한\s*까닭|중요한\s*까닭|까닭$|배경|\bwhy\b|motivation|background"),
    ("how", r"어떻게|동작|작동|원리|\bhow\b|mechanism|algorithm|\bmethod\b|방법$"),
)
_SECTIONS: tuple[tuple[SectionKind, re.Pattern[str]], ...] = tuple(
    (section, re.compile(words, re.IGNORECASE)) for section, words in _WORDS
)
_FORMS: tuple[tuple[SectionKind, re.Pattern[str]], ...] = (
    ("quiz", re.compile(r"^>?\s*(?:정답|Answer)\s*:", re.MULTILINE)),
    ("misconception", re.compile(r"^- 오해:|^- Misconception:", re.MULTILINE)),
    ("code", re.compile(r"^```(?:python|py|c|cpp|java|js|javascript|r|julia|rust|go)\b", re.MULTILINE)),
    ("reference", re.compile(r"arXiv:\d{4}\.")),
)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```[ \t]*$", re.MULTILINE | re.DOTALL)
_IN_ENGLISH = re.compile(r"^In English: (.+)$", re.MULTILINE)
_ANSWER = re.compile(r"^>?\s*(?:정답|Answer)\s*:.*$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\s)[^)]*\)")
_PLACE = re.compile(r"^(?P<file>[^#]*)(?:#(?P<locator>.*))?$", re.DOTALL)
_LOCATOR = re.compile(r"\s*(?:[>/›»|]|::)\s*")
# What an ingested passage opens with: its headings in a line of their own.
_PATH = re.compile(r"\A(?P<path>(?!#)[^\n]{1,200}[^\n.!?:,;])\n\s*\n(?=\S)")
_HANGUL = re.compile(r"[가-힣]")
LONGEST = 900
"""Letters of prose that are quoted at most."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a passage.

    Attributes:
        id: The passage's id, which is cited.
        file: The file it is from, "" for a note.
        headings: From the outermost inwards, as far as they are known.
    """

    id: str
    file: str
    section: SectionKind
    headings: tuple[str, ...]
    body: str
    cut: bool = False

    @property
    def heading(self) -> str:
        """The innermost heading."""
        return self.headings[-1] if self.headings else ""

    @property
    def about(self) -> str:
        """Everything that says what it is about."""
        return " ".join((self.file.replace("-", " "), *self.headings, self.body))


@lru_cache(maxsize=512)
def parts_of(hit: SeenHit) -> tuple[Section, ...]:
    """Give the sections of a passage; none for messages, facts, and text that nobody stands behind."""
    if hit.kind in {"user", "assistant", "fact"} or hit.untrusted:
        return ()
    place = _PLACE.match(hit.place)
    file = (place["file"] if place else "").strip()
    locator = (place["locator"] if place else None) or ""
    path = _PATH.match(hit.text) if hit.kind == "passage" else None
    text = hit.text[path.end() :] if path else hit.text
    above = tuple(
        part.strip()
        for part in (path["path"].split(" > ") if path else _LOCATOR.split(locator))
        if part.strip()
    )
    parts: list[Section] = []
    stack: list[tuple[int, str]] = []
    spans = [*_headings(text)]
    starts = [0, *(end for _, end, _, _ in spans)]
    ends = [*(start for start, _, _, _ in spans), len(text)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number:
            level, title = spans[number - 1][2:]
            stack = [entry for entry in stack if entry[0] < level] + [(level, title)]
        body = text[start:end].strip()
        if body:
            headings = _joined(above, tuple(title for _, title in stack))
            last = number == len(spans)
            parts.append(Section(hit.id, file, section_of(headings, body), headings, body, hit.cut and last))
    return tuple(parts)


def _headings(text: str) -> Iterable[tuple[int, int, int, str]]:
    fences = [found.span() for found in _FENCE.finditer(text)]
    for found in _HEADING.finditer(text):
        if not any(start <= found.start() < end for start, end in fences):
            yield found.start(), found.end(), len(found[1]), found[2]


def _joined(above: tuple[str, ...], inside: tuple[str, ...]) -> tuple[str, ...]:
    """The locator's headings and those in the text, without saying one twice."""
    known = {heading.casefold() for heading in above}
    return above + tuple(heading for heading in inside if heading.casefold() not in known)


def section_of(headings: Sequence[str], body: str) -> SectionKind:
    """Tell what a section is for: by its headings, but not the title of the whole, else by its form."""
    for heading in headings[1:] if len(headings) > 1 else headings:
        for section, words in _SECTIONS:
            if words.search(heading):
                return section
    for section, form in _FORMS:
        if form.search(body):
            return section
    return "other"


def all_parts(hits: Iterable[SeenHit]) -> list[Section]:
    """Give the sections of several passages, each once."""
    return list(dict.fromkeys(part for hit in hits for part in parts_of(hit)))


_OPENING = re.compile(r"\A(?P<name>[^()\n.]{1,40}?)\s?\((?P<full>[^()\n]{2,80})\)")


@lru_cache(maxsize=512)
def names_of(part: Section) -> tuple[tuple[str, ...], ...]:
    """What a part is headed as, in words: its innermost heading that names anything, and what its definition opens with.

    "언어 모델 (Language model)" gives both names, "한 줄 정의" none.
    """
    headings = (heading for heading in reversed(part.headings) if terms_of(heading))
    opening = _OPENING.match(part.body) if part.section == "definition" else None
    texts = [*re.split(r"[()]", next(headings, "")), *(opening.groups() if opening else ())]
    return tuple(dict.fromkeys(words for text in texts if (words := terms_of(text))))


def relevance(part: Section, terms: Sequence[str]) -> float:
    """How far a part is about some terms: its title, its heading and its first words count more than the rest."""
    if not terms:
        return 0.0
    opening = coverage(f"{part.heading} {part.body[:80]}", terms)
    headed = terms_of(part.heading)
    exact = sum(mentions(" ".join(terms), word) for word in headed) / len(headed) if headed else 0.0
    title = coverage(" ".join((part.file.replace("-", " "), *part.headings[:1])), names_among(terms))
    near = 0.5 * coverage(part.about, terms) + 0.3 * opening + 0.2 * exact * coverage(part.heading, terms)
    return near + 0.3 * title


def choose(
    parts: Iterable[Section],
    wanted: Sequence[SectionKind],
    terms: Sequence[str],
    said: str = "",
    *,
    strict: bool = True,
) -> list[Section]:
    """Order the parts that serve: by the sections wanted, then by how far they are about the terms.

    Args:
        said: The student's words: a part that repeats more of them goes first among equals.
        strict: A section named earlier goes first whatever the parts are about. Without it, a part of a later
            section may win if it is much more about the terms.
    """

    def worth(part: Section) -> tuple[float, float]:
        place = wanted.index(part.section)
        near = (
            1.6 * relevance(part, terms) + 0.3 * overlap(said, part.body) + 0.6 * coverage(part.body, terms)
        )
        return (-place, near) if strict else (near - 0.35 * min(place, 3), 0.0)

    return sorted((part for part in parts if part.section in wanted), key=worth, reverse=True)


def english_of(part: Section) -> str:
    """The part's own line in English, "" where it has none."""
    lines = _IN_ENGLISH.findall(part.body)
    return "\n\n".join(lines) if lines else ("" if _HANGUL.search(part.body) else prose_of(part.body))


def korean_of(part: Section) -> str:
    """The part without its line in English."""
    return _IN_ENGLISH.sub("", part.body).strip()


def prose_of(text: str) -> str:
    """The text without code, tables and answer keys."""
    lines = [line for line in _FENCE.sub("", _ANSWER.sub("", text)).splitlines() if not line.startswith("|")]
    return "\n".join(lines).strip()


def is_quoted(part: Section, replies: Collection[str]) -> bool:
    """Whether a part was shown in an earlier reply."""
    bodies = (english_of(part), korean_of(part))
    openings = [re.sub(r"\W+", "", _LINK.sub(r"\1", body))[:40] for body in bodies if body]
    return any(opening and opening in re.sub(r"\W+", "", reply) for opening in openings for reply in replies)


def quote(part: Section, language: Language, keep: Callable[[str], bool] | None = None) -> str:
    """Quote a part: prose as a block quotation, code and tables as they are, answer keys never.

    Args:
        keep: Chooses among the lines of the prose, such as one misconception of three.
    """
    english = english_of(part) if language == "en" else ""
    text = english or (part.body if language == "en" else korean_of(part))
    text = _LINK.sub(r"\1", _ANSWER.sub("", text)).strip()
    if keep is not None:
        text = "\n".join(line for line in text.splitlines() if keep(line))
    return _block(_clipped(text))


def _clipped(text: str) -> str:
    if len(text) <= LONGEST or "```" in text or text.startswith("|"):
        return text
    end = max(text.rfind(mark, 0, LONGEST) for mark in (". ", "\n", "다. ", "요. "))
    return text[: end + 1 if end > LONGEST // 2 else LONGEST].rstrip() + " …"


def _block(text: str) -> str:
    """Put prose into a block quotation; code and tables stand between quotations as they are."""
    lines: list[str] = []
    fenced = bare = False
    for line in re.sub(r"\n{3,}", "\n\n", text).splitlines():
        fence = line.startswith("```")
        was, bare = bare, fenced or fence or line.startswith("|")
        fenced = fenced != fence
        if not bare and not line.strip():
            lines.append("")
            bare = was
            continue
        if lines and lines[-1] == "" and not was and not bare and len(lines) > 1:
            lines[-1] = ">"
        elif lines and lines[-1] not in {"", ">"} and was != bare:
            lines.append("")
        lines.append(line if bare else f"> {line}")
    return "\n".join(lines).strip("\n")
