"""What English clauses state about the student: names, exams and deadlines, one small rule a kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..dates import Span, shift_in
from .clauses import Clause, Rule, corrects
from .values import Found, Kind

CI = re.IGNORECASE
AM = r"(?:i'm|i\s+am|im)"
SOFT = r"(?:(?:still|really|always|just|currently|now|actually|so|very|a\s+bit|a\s+little|quite|completely|totally|often|also|kind\s+of|kinda|pretty)\s+)*"
NEGATED = re.compile(r"\b(?:not|isn't|aren't|won't|wasn't|don't|doesn't|haven't|hasn't|no|never)\b", CI)


def bare(text: str) -> str:
    """A clause without the signs, the greeting and the small words at its ends."""
    text = re.sub(r"[\s.!~…,;:)]+$", "", text.replace("’", "'"))
    return re.sub(
        r"^(?:(?:hi|hello|hey|good\s+(?:morning|afternoon|evening)|professor|prof|there(?!'s|\s+(?:is|are|was))|oh|well|ok|okay|by\s+the\s+way|btw|actually|so|and|but|also|because|yes|no|sorry|anyway|fyi|though|although)\b[\s,.!:-]*)+",
        "",
        text,
        flags=CI,
    )


# Names

_NAME = r"(?P<name>[A-Za-z가-힣][\w가-힣'.-]*(?:\s+[A-Z][\w'.-]*){0,2})"
_NAMES = (
    (
        "name",
        re.compile(
            rf"\b(?:[Mm]y\s+(?:(?:full|first|real)\s+)?name\s*(?:is|'s)(?:\s+actually)?|(?:[Tt]he\s+|^)[Nn]ame's|[Cc]hanged?\s+my\s+name\s+to)\s+{_NAME}"
        ),
    ),
    (
        "nickname",
        re.compile(
            rf"\b(?:(?:[Yy]ou\s+can\s+|[Pp]lease\s+)?[Cc]all\s+me|I\s+go\s+by|[Pp]eople\s+call\s+me|[Tt]hey\s+call\s+me|[Mm]y\s+nickname\s*(?:is|'s))\s+{_NAME}"
        ),
    ),
    (
        "capital",
        re.compile(
            rf"^(?:I'm|I\s+am|Im|i'm|i\s+am)\s+{_NAME}(?=\s*,?\s*(?:$|from\b|by\s+the\s+way|btw|and\b|here\b)|,\s+(?:an?|in|your|majoring|studying)\s)"
        ),
    ),
)
_NO_NAME = re.compile(
    r"^(?:not|on|in|at|a|an|the|too|hard|difficult|misspel\w+|spelled|wrong|unusual|secret|private|irrelevant|missing|back|when|if|later|maybe|"
    r"very|so|still|also|just|really|here|there|now|ready|done|fine|good|ok|okay|great|sorry|sure|lost|stuck|confused|new|free|busy|tired|"
    r"happy|sad|interested|curious|afraid|bad|korean|american|chinese|japanese|german|french|canadian|indian|british|english|spanish|italian|"
    r"russian|brazilian|mexican|european|asian|african|australian|vietnamese|turkish|dutch|swedish|polish|muslim|catholic|jewish|"
    r"majoring|studying|taking|trying|working|looking|having|going|learning|getting|preparing|asking|reading|writing|struggling|"
    r"always|almost|already|only|about|under|over|your|his|her|my|one|two|no|nobody|it|this|that|tomorrow|today|anytime|back|crazy|asap|"
    r"student|undergrad|undergraduate|freshman|sophomore|junior|senior|phd|master'?s|computer|math|physics|cs|gpt|chatgpt|again|wondering)$",
    CI,
)


def _names(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    for how, pattern in _NAMES:
        found = pattern.search(text)
        if found is None:
            continue
        name = re.sub(r"\s+(?:And|But|By|From)\b.*$", "", found["name"]).rstrip(".'-")
        first = name.split()[0]
        # "I'm X" is a name only with a capital; "my name is x" also without.
        plain = how != "capital"
        if (
            _NO_NAME.match(first)
            or not (first[0].isupper() or plain)
            or (first.isupper() and len(first) > 1 and not plain)
        ):
            continue
        if not first[0].isupper() and not re.fullmatch(
            r"\s*(?:,.*|\s+by\s+the\s+way|\s+now)?", text[found.end("name") :]
        ):
            continue
        yield Found("nickname" if how == "nickname" else "name", name)


# Exams and deadlines

_EXAM = re.compile(
    r"\b(?:(?P<whose>my|our|the|a|an|this|that)\s+)?(?P<label>(?:[\w+#-]+\s+){0,4}?)(?<!with\s)(?P<word>(?:final|midterm|mid-term|entrance|oral|mock)?\s*(?:exam(?:ination)?s?|midterm|mid-term|final|finals|test|quiz))\b(?!\s+(?:results?|scores?|prep|preparation|questions?|set|data|error|accuracy|grade|topics?|material|review|registration|date\s+is\s+not))",
    CI,
)
_WORK = re.compile(
    r"\b(?:(?P<whose>my|our|the|a|an|this|that)\s+)?(?P<label>(?:[\w+#-]+\s+){0,4}?)(?P<word>assignment|homework|problem\s+set|essay|report|project|paper|thesis|presentation|proposal|lab\s+report)\b(?!\s+(?:report|proposal|presentation|paper|essay))",
    CI,
)
_NO_LABEL = re.compile(
    r"my|our|the|a|an|this|that|have|has|had|i've|got|i|next|upcoming|first|second|last|final|big|important|actually|new|is|on|in|at|for|to|and|there's|there|of|it|with|take|taking|another|i'm|i'll|also|just|so|but|hi|hello|professor|well|oh",
    CI,
)
_JOINING = re.compile(r"on|and|is|are|the|in|for|one|another|other|a|an|then|at|due", CI)
_SET = re.compile(
    r"\b(?:is|'s|are|will\s+be|falls|takes\s+place|starts?|got|has\s+been|have\s+been|was|were|have|has|i've|take|sit|write|there's|there\s+is|moved|changed|"
    r"postponed|rescheduled|delayed|pushed|brought\s+forward|scheduled|due|hand\s+in|submit|turn\s+in|present|on)\b",
    CI,
)
_CANCELLED = re.compile(r"\b(?:was|is|has\s+been|been|got)\s+(?:cancell?ed|called\s+off)\b", CI)
_DONE = re.compile(
    r"\b(?:was|were|took|failed|passed|finished|did|had|wrote|submitted|handed\s+in|turned\s+in|got\s+back|studied|study|studying|revise|revising|prepare|preparing|"
    r"review|cover|covers|results?|scores?|before|until|after|by\s+the\s+time|last\s+(?:week|month|year|semester|term)|yesterday|registration|ago)\b",
    CI,
)
_MOVED = re.compile(
    r"\b(?:was|has\s+been|have\s+been|got|had\s+been)\s+(?:just\s+|recently\s+)?(?:moved|changed|postponed|rescheduled|delayed|pushed|brought|extended|shifted|scheduled|cancell?ed|called)\b",
    CI,
)


def _exams(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    yield from _dated(
        "exam", _EXAM, clause, _MOVED.sub("moved", text) if not _CANCELLED.search(text) else text
    )


def _deadlines(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    if _EXAM.search(text) and not re.search(r"\b(?:due|deadline|hand\s+in|submit|turn\s+in)\b", text, CI):
        return
    if re.search(
        r"\b(?:due|deadline|hand\s+in|submit|turn\s+in|present|presentation|extended|moved|postponed)\b",
        text,
        CI,
    ):
        yield from _dated("deadline", _WORK, clause, _MOVED.sub("moved", text))


def _dated(kind: str, noun: re.Pattern[str], clause: Clause, text: str) -> Iterator[Found]:
    found = noun.search(text)
    if found is None:
        return
    label = _label(found)
    of_kind: Kind = "exam" if kind == "exam" else "deadline"
    if _CANCELLED.search(text):
        yield Found(of_kind, label, polarity="cancelled")
        return
    if found["word"].lower().endswith(("ams", "tests", "zzes")) and len(clause.dates(text)) > 1:
        yield from _each(of_kind, found["word"][:-1], text[found.end() :], clause)
        return
    held = _held(text, clause)
    when = _day(clause, held)
    if when is None and (shift := shift_in(clause.text)) and not NEGATED.search(text):
        yield Found(of_kind, label, shift=shift)
        return
    undated = held.replace(when.text, " ") if when else held
    if when is None or NEGATED.search(undated) or not _SET.search(undated):
        return
    if _DONE.search(undated) or re.search(r"\b(?:until|before|by\s+then)\b", undated):
        return
    yield Found(of_kind, label, when)


def _each(kind: Kind, noun: str, text: str, clause: Clause) -> Iterator[Found]:
    """What "two exams: linear algebra on December 3 and statistics on December 5" says of each."""
    start = 0
    for when in clause.dates(text):
        words = [
            word
            for word in re.findall(r"[\w+#-]+", text[start : when.offset])
            if not _JOINING.fullmatch(word)
        ]
        start = when.offset + len(when.text)
        if 1 <= len(words) <= 4:
            label = " ".join([*words, noun.lower()])
            yield Found(kind, label, when)


def _held(text: str, clause: Clause) -> str:
    """The part that holds: without "from Dec 3" and without what is said not to be so."""
    text = re.sub(r"\bfrom\b.{2,30}?\bto\b", "to", text, flags=CI)
    found = re.search(
        r"\b(?:is|are)n't\s+on\b.*?\bbut\b|\b(?:is|are)n't\b.*?\b(?:it's|it\s+is|but)\b|\bnot\b.*?\b(?:but|it's|it\s+is)\b",
        text,
        CI,
    )
    if found and clause.dates(text[found.end() :]):
        return text[: found.start()] + " is " + text[found.end() :]
    for word in (r",?\s*\bnot\b", r"\binstead\s+of\b", r"\brather\s+than\b"):
        cut = re.search(word, text, CI)
        if cut and clause.dates(text[: cut.start()]):
            return text[: cut.start()]
    return text


def _day(clause: Clause, text: str) -> Span | None:
    spans = clause.dates(text)
    return spans[-1 if corrects(clause.text) and len(spans) > 1 else 0] if spans else None


def _label(found: re.Match[str]) -> str:
    """Which one it is: "machine learning exam", "final", "exam"."""
    words: list[str] = []
    for word in reversed(found["label"].split()):
        if _NO_LABEL.fullmatch(word) or not word[0].isalnum():
            break
        words.insert(0, word)
    noun = re.sub(r"\s+", " ", found["word"].strip()).lower()
    return " ".join([*words, noun])


RULES: tuple[Rule, ...] = (_names, _exams, _deadlines)
