"""How finds are ranked: small pure steps over candidates, each worth its own line in `memory why`.

A candidate begins with two pieces of evidence of its own, the words it shares with the question (BM25) and how near
its meaning is (dense). Both are on fixed scales, so they are added, not ranked against each other. Conversation
then adds what it gives for free: what was said just before and after, who spoke, when, whether a time is named
and whether it is itself only a question. docs/adr/0010 has what each step is worth and how the weights were chosen.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ..text import sentences
from ..text.normalize import Language

SATURATION = 0.6
"""BM25's k1: how soon a word said again adds nothing. Messages are short, so soon."""

LENGTH_SHARE = 0.4
"""BM25's b: how far a long text pays for its length."""

MARK_WEIGHTS = {"k:": 0.6, "b:": 0.3, "=": 1.5}
"""What a term counts for by its mark; 1 for the others. A Korean word gives a morpheme and one or two pairs of
syllables, which together count as one word; who types an identifier means exactly it."""

NEAR_TURNS = 2
"""How many turns before and after count as context."""

CONTEXT_GAP = timedelta(hours=3)
"""Turns further apart in time are no context of each other."""

SAME_SHARE = 0.9
"""Two messages that share so much of their words say the same."""

LONG_ANSWER = 100
"""An answer of so many terms is long."""

CHANCE = 0.2
"""How much similarity a text gains by chance, the longer it is: the nearest of many places counts. KorQuAD R@1 is 0.937
without this and 0.944 with it."""

AFTERMATH = timedelta(days=10)
"""People tell of a thing for about this long after it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each signal is worth, in one unit: how much likelier (as a logarithm) it makes a candidate.

    Chosen on five LoCoMo conversations and eight of a student with a tutor (`bench/_tutor_chats.py`), each time fitted
    to all but one and tried on that one, then rounded.

    Attributes:
        words: For a score of one: as if one word that nothing else has were shared.
        meaning: For a similarity of one, as near as a paraphrase; a half counts a quarter, see `add_evidence`.
        words_alone: What words are worth where the embedder does not know the language.
        near: The share of their own evidence that neighbouring turns pass on.
        answer: The share that a question passes on, besides, to the turn after it.
        speaker: For being said by who is asked about.
        date: For a day that is named; a longer time counts less, see `precision`.
        aftermath: The share of it for what was said in the days after.
        time: For naming a time, where the question asks when.
        question: For being nothing but questions; taken off, unless questions are what is looked for.
    """

    words: float = 2.4
    meaning: float = 2.6
    words_alone: float = 3.3
    near: float = 0.2
    answer: float = 0.25
    speaker: float = 2.7
    date: float = 5.0
    aftermath: float = 0.4
    time: float = 1.2
    question: float = 2.0


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for, as far as a text can be read without a model.

    Attributes:
        speakers: Names (in lower case) of speakers that it asks about.
        role: The role it asks about instead: "user" for "I", "assistant" for "you".
        days: The stretches of time it names, first day and the day after the last.
        asks_when: Whether a time is what it asks for.
        asks_for_questions: Whether questions are ("what did I ask last week?").
    """

    speakers: frozenset[str] = frozenset()
    role: str | None = None
    days: tuple[tuple[date, date], ...] = ()
    asks_when: bool = False
    asks_for_questions: bool = False


@dataclass(slots=True)
class Candidate:
    """Something that may be found, with the evidence for it.

    Attributes:
        session, seq: Its place in a conversation; session 0 for what was not said in one.
        day: The day it was said, in the speaker's own zone.
        across: Whether it is in another language than the question.
        words: BM25 in units of one rarest word, see `word_score`.
        coverage: The share of what the question's words tell that this text has, 0 to 1.
        meaning: Similarity, 0 as unrelated texts, 1 as paraphrases.
        asks: Whether it ends in a question.
        length: In terms.
        passage: Whether it is a passage of a source; two that differ in a word are two places to cite.
        text: What it says; None until the last steps need it.
        signals: What each step added to the score, by the names of `Weights`.
    """

    id: int
    session: int
    seq: int
    time: datetime
    day: date
    role: str
    name: str = ""
    language: Language = "en"
    across: bool = False
    asks: bool = False
    length: int = 0
    passage: bool = False
    words: float = 0.0
    coverage: float = 0.0
    meaning: float = 0.0
    vote: float = 0.0
    text: str | None = None
    signals: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def score(self) -> float:
        """The sum of all that speaks for it and against it."""
        return sum(self.signals.values())

    @property
    def evidence(self) -> float:
        """What it says itself, context and circumstances left out."""
        return self.signals.get("words", 0.0) + self.signals.get("meaning", 0.0)


def rarity(count: int, total: int) -> float:
    """How much a term tells that `count` of `total` texts have: 1 for a term of one text or none, near 0 of all."""
    count = max(1, count)
    total = max(total, count)
    return math.log(1 + (total - count + 0.5) / (count + 0.5)) / math.log(1 + (total - 0.5) / 1.5)


def term_weight(term: str) -> float:
    """What a term counts for by its mark."""
    return MARK_WEIGHTS.get(term[:2]) or MARK_WEIGHTS.get(term[:1], 1.0)


def word_score(
    counts: Mapping[str, int], weights: Mapping[str, float], length: float = 1.0, average: float = 1.0
) -> float:
    """BM25 (Robertson and Zaragoza 2009) of one text: `counts` of the question's terms in it, their `weights`."""
    penalty = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / max(average, 1.0))
    return sum(weights[term] * count * (SATURATION + 1) / (count + penalty) for term, count in counts.items())


def evenness(candidates: Iterable[Candidate]) -> float:
    """Tell a talk of two friends (1) from a chat with a tutor (0) by how long the turns of the two sides are.

    Of two friends, one's turns are at least two thirds as long as the other's (LoCoMo: 0.7 to 1); a tutor's are
    several times as long as the student's, who asks and tells in one breath. With friends a question tells nothing
    and neighbouring turns tell for each other; in a tutor's chat both would take away what the student said: R@10 of
    our tutor chats is 0.676 by the rules for friends, 0.715 without the price of questions, 0.740 without what
    neighbours pass on, and 0.80 with neither where answers pay for their length. LoCoMo loses 0.02 without them.
    Without both sides, 1.
    """
    lengths: dict[str, list[float]] = {"user": [], "assistant": []}
    for candidate in candidates:
        if candidate.session and candidate.role in lengths:
            lengths[candidate.role].append(math.log1p(candidate.length))
    if not all(lengths.values()):
        return 1.0
    student, tutor = map(statistics.fmean, lengths.values())
    return min(1.0, max(0.0, 3 * math.exp(-abs(student - tutor)) - 1))


def add_evidence(candidates: Iterable[Candidate], weights: Weights = WEIGHTS) -> None:
    """Count what a candidate says itself; the less its meaning can be judged, the more by its words.

    Similarity counts by its square: near the top a little more tells much, near the bottom nothing (LoCoMo nDCG@10
    0.691 linear, 0.703 so). Between two languages a word can only be shared by chance or as a name, so words count
    by how much of the question they make up.
    """
    for candidate in candidates:
        vote = candidate.vote
        shared = candidate.coverage**2 if candidate.across else 1.0
        words = vote * weights.words * shared + (1 - vote) * weights.words_alone
        meaning = candidate.meaning - CHANCE * math.log1p(candidate.length / LONG_ANSWER)
        candidate.signals["words"] = words * candidate.words
        candidate.signals["meaning"] = vote * weights.meaning * meaning * abs(meaning)


def add_context(candidates: Sequence[Candidate], weights: Weights = WEIGHTS, *, even: float = 1.0) -> None:
    """Let turns near each other share their evidence, and answers have some of their questions', as far as it is even."""
    places = {(c.session, c.seq): (c, c.evidence) for c in candidates if c.session}
    for candidate in candidates:
        near = answer = 0.0
        for step in _STEPS:
            other, evidence = places.get((candidate.session, candidate.seq + step), _NOBODY)
            if other is None or abs(other.time - candidate.time) > CONTEXT_GAP:
                continue
            near += weights.near * evidence
            if step == -1 and other.asks:
                answer = weights.answer * evidence
        candidate.signals["near"] = even * near
        candidate.signals["answer"] = even * answer


_STEPS = [step for step in range(-NEAR_TURNS, NEAR_TURNS + 1) if step]
_NOBODY: tuple[Candidate | None, float] = (None, 0.0)


def add_speaker(
    candidates: Iterable[Candidate], question: Question, weights: Weights = WEIGHTS, *, even: float = 1.0
) -> None:
    """Prefer what was said by the one that is asked about; else prefer anything to a tutor's long answers.

    Long answers have a bit of everything in them and would swamp the list.
    """
    for candidate in candidates:
        if question.speakers:
            worth = float(not question.speakers.isdisjoint(candidate.name.lower().split()))
        elif question.role is not None:
            worth = float(candidate.role == question.role)
        elif candidate.role == "assistant":
            worth = (even - 1) * min(1.0, candidate.length / LONG_ANSWER)
        else:
            worth = 0.0
        candidate.signals["speaker"] = weights.speaker * worth


def add_date(candidates: Iterable[Candidate], question: Question, weights: Weights = WEIGHTS) -> None:
    """Prefer what was said on the days that are named, and a little what was said soon after."""
    for candidate in candidates if question.days else ():
        worth = 0.0
        for first, end in question.days:
            if first <= candidate.day < end:
                worth = max(worth, precision(first, end))
            elif end <= candidate.day < end + AFTERMATH:
                worth = max(worth, weights.aftermath * precision(first, end))
        candidate.signals["date"] = weights.date * worth


def precision(first: date, end: date) -> float:
    """How much a stretch of time tells: 1 for a day, three quarters for a month, a fifth for a year."""
    days = (end - first).days
    return 90 / (90 + max(days, 1) - 1)


def add_time(
    candidates: Iterable[Candidate],
    question: Question,
    names_time: Callable[[str], bool],
    weights: Weights = WEIGHTS,
) -> None:
    """Where the question asks when, prefer what names a time."""
    for candidate in candidates if question.asks_when else ():
        candidate.signals["time"] = weights.time * names_time(candidate.text or "")


def add_question(
    candidates: Iterable[Candidate], question: Question, weights: Weights = WEIGHTS, *, even: float = 1.0
) -> None:
    """Count questions less, because between friends they seldom answer one; more where they are looked for."""
    sign = 1.0 if question.asks_for_questions else -even
    for candidate in candidates:
        candidate.signals["question"] = sign * weights.question * question_share(candidate.text or "")


def question_share(text: str) -> float:
    """The share of a text's sentences that are questions."""
    if "?" not in text and "？" not in text:
        return 0.0
    found = sentences(text)
    return sum(s.rstrip("\"'”’) ").endswith(("?", "？")) for s in found) / max(1, len(found))


def subject_terms(terms: Collection[str]) -> frozenset[str]:
    """What a question is about: its words and Korean content morphemes; pairs of characters only where it has no other.

    The pairs hold endings and particles too, which no answer repeats.
    """
    words = frozenset(term for term in terms if not term.startswith(("b:", "@")))
    return words or frozenset(terms)


def relevance(candidate: Candidate) -> float:
    """How likely a find is worth showing unasked, 0 to 1, comparable between searches.

    A logistic regression on finds that held the evidence, against the best finds for questions about something
    else (docs/adr/0010). Who spoke does not count: everything that person said has that.
    """
    seen = 4.2 * max(0.0, candidate.meaning) + 1.5 * candidate.coverage + 0.7 * candidate.words - 6.0
    blind = 7.0 * candidate.coverage + 1.4 * candidate.words - 6.6
    signal = candidate.signals.get
    circumstances = (
        0.7 * max(0.0, signal("near", 0.0) + signal("answer", 0.0))
        + 0.6 * (signal("date", 0.0) + signal("time", 0.0))
        + 0.8 * signal("question", 0.0)
    )
    strength = candidate.vote * seen + (1 - candidate.vote) * blind
    if candidate.across:  # a term under its name in the other language tells more than how near the two are
        strength = max(strength, blind)
    strength += circumstances
    return round(1 / (1 + math.exp(-strength)), 4)


def best_first(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Sort by score; of equals the newer first."""
    return sorted(candidates, key=lambda c: (c.score, c.time, c.id), reverse=True)


def keys_first(candidates: Sequence[Candidate], keys: Iterable[str]) -> list[Candidate]:
    """Put what holds an exact key of the question first, and of those what begins with it.

    In a store of "key: value" lines, where one line's value may be another's key, this is what a look-up means.
    """
    wanted = list(keys)

    def place(candidate: Candidate) -> float:
        text = (candidate.text or "").lower()
        return min((at for key in wanted if (at := text.find(key)) >= 0), default=math.inf)

    return sorted(candidates, key=place) if wanted else list(candidates)


_WORDS = re.compile(r"\w+")


def without_repeats(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Keep the first `most`; of those that say nearly the same, one: the fullest, the newer of equals."""
    kept: list[tuple[frozenset[str], Candidate]] = []
    for candidate in candidates:
        words = frozenset(_WORDS.findall((candidate.text or "").lower()))
        share = 1.0 if candidate.passage else SAME_SHARE
        twin = next((at for at, (known, _) in enumerate(kept) if same_words(known, words, share)), None)
        if twin is None:
            if len(kept) == most:
                break
            kept.append((words, candidate))
        elif _fullness(words, candidate) > _fullness(*kept[twin]):
            kept[twin] = (words, candidate)
    return [candidate for _, candidate in kept]


def _fullness(words: frozenset[str], candidate: Candidate) -> tuple[int, datetime, int]:
    return len(words), candidate.time, candidate.id


def same_words(one: frozenset[str], other: frozenset[str], share: float = SAME_SHARE) -> bool:
    """Whether two sets of words are all but the same; a number that differs is another thing said."""
    if len(one & other) < share * len(one | other):
        return False
    return not any(character.isdigit() for word in one ^ other for character in word)
