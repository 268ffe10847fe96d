"""Hybrid search in one student's recall or archival memory.

Words (our own postings) and meaning (the vector index) each bring their best; what stood near them in conversation
and what was said on a day that is named join in; `ranking` then weighs them all by the same scales. Nothing needs
every score, so the cost hardly grows with the store.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import monotonic
from typing import Any, Protocol, get_args

import numpy as np
from sqlalchemy import Connection, bindparam, select

from ..dates import has_time_words, zone_of
from ..embedding import Calibration, Vectors, WarningSink, active_embedder
from ..embedding.base import Kind
from ..embedding.calibration import NO_VOTE, Measured
from ..errors import ConfigError, OfficeHoursError, ProviderError
from ..index import VectorIndex
from ..index.postings import Found, count_texts, known_speakers, look_up
from ..index.writer import SCOPES
from ..store import Database
from ..store.schema import students
from ..text import language, normalize, terms
from ..text.normalize import Language
from ..text.terms import possible_names
from ..text.translations import translations
from ..types import Hit, Role, Scope
from . import ranking
from .candidates import ArchivalRows, CandidateRow, Filters, RecallRows, Rows, time_spans
from .query import Times, in_each_year, in_first_person, keys_of, read_question, times_of
from .ranking import WEIGHTS, Candidate, Question

REACH = 40
"""How many items each channel brings."""

NARROW_REACH = 200
"""The same where filters will take many of them away."""

WITH_CONTEXT = 24
"""Around how many of the strongest finds the conversation is looked at."""

READ_THROUGH = 50
"""How many of the best are looked at word for word in the last steps."""

FIRST_COUNTS = 2_000
"""A store below this size is counted at every search; a larger one at every `RECOUNT`th."""

RECOUNT = 20

LOADING_SECONDS = 20.0
"""How long searches wait, all together, for an embedder that loads or is being fetched; then words alone must do."""

_STUDENT_ROW = select(students.c.name, students.c.zone).where(students.c.id == bindparam("student"))


class SearchEmbedder(Protocol):
    """What a search asks of an embedder: `embedder_choice.StoreEmbedder` is one."""

    @property
    def row(self) -> Any:
        """What the store says of it: its `calibration` as kept."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the loading; False if it was not enough."""
        ...

    def embed(self, texts: Sequence[str], kind: Kind = "text") -> Vectors:
        """Embed texts in order, rows of length one."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read and looked up.

    Attributes:
        own_way: The question as the speaker would tell it, for the embedder.
        own: Its own terms.
        translated: What it names that has names in the other language: of each, what its names are found by.
        language: What it is asked in.
        weights: What each of its terms tells, of those that were looked up.
        times: The days that it names.
    """

    text: str
    own_way: str
    own: frozenset[str]
    translated: Sequence[Sequence[frozenset[str]]]
    language: Language
    question: Question
    times: Times
    zone: str
    found: Found
    weights: Mapping[str, float]


class Deadline:
    """How long the searches of one student may still wait for the embedder; counted from the first that waits."""

    def __init__(self, seconds: float = LOADING_SECONDS) -> None:
        self._seconds = seconds
        self._until: float | None = None

    def left(self) -> float:
        """Give the seconds that are left, 0 at the end."""
        if self._until is None:
            self._until = monotonic() + self._seconds
        return max(0.0, self._until - monotonic())

    def end(self) -> None:
        """Wait no more: an embedder that is loaded is used, one that is not is done without."""
        self._until = monotonic()


class HybridSearch:
    """Search in one of a student's two memories.

    Args:
        db: The store.
        student_id: Whose; every statement filters by it.
        space: "recall" or "archival".
        index: The student's vectors.
        embedder: The store's embedder; loads while the student reads the greeting.
        clock: Gives now, aware.
        say: Told once when the embedder fails, and words alone are searched; without it the failure is raised.
        patience: Shared with the student's other memory.
    """

    def __init__(
        self,
        db: Database,
        student_id: int,
        scope: Scope,
        index: VectorIndex,
        embedder: SearchEmbedder,
        clock: Callable[[], datetime],
        warn: WarningSink | None = None,
        *,
        deadline: Deadline | None = None,
    ) -> None:
        self._db = db
        self._student = student_id
        self._scope: Scope = scope
        self._index = index
        self._embedder = embedder
        self._clock = clock
        self._warn = warn
        self._deadline = deadline or Deadline()
        self._told = False
        self._rows: Rows = RecallRows(student_id) if scope == "recall" else ArchivalRows(student_id)
        self._calibration: Calibration | None = None
        self._count = 0
        self._searches = 0

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        role: Role | None = None,
        kinds: Collection[str] | None = None,
        as_of: datetime | None = None,
        exclude: frozenset[str] = frozenset(),
    ) -> list[Hit]:
        """Give the best `k`, best first; fewer where nothing speaks for more.

        Args:
            start, end: Only what was said in this time, `end` excluded.
            role: Only what this role said (recall).
            kinds: Only these kinds (archival).
            as_of: What held at this time, instead of what holds now (archival).
            exclude: Ids (`m12`, `a7`) that are in view already.
        """
        text = normalize(query).strip()
        if not text or k < 1:
            return []
        filters = Filters(start, end, role, None if kinds is None else frozenset(kinds), as_of, exclude)
        with self._db.read() as connection:
            asked = self._ask(connection, text, filters)
        if asked is None:
            return []
        vector = self._vector(asked)
        reach = NARROW_REACH if filters.narrow else REACH + min(len(filters.exclude), REACH)
        near = self._near(vector, reach)
        with self._db.read() as connection:
            found = self._found(connection, asked, near, filters, reach)
            places = self._rows.read(connection, found, filters)
            self._weigh(asked, places, near, vector)
            even = ranking.evenness(place.candidate for place in places.values())
            places |= self._context(connection, asked, places, vector, filters, even)
            best = self._rank(connection, asked, places, k, even)
            hits = self._rows.hits(connection, [candidate.id for candidate in best])
        return [_scored(hits[c.id], c) for c in best if c.id in hits]

    # What is asked

    def _ask(self, connection: Connection, text: str, filters: Filters) -> Asked | None:
        total = self._total(connection)
        if not total:
            return None
        name, zone = connection.execute(_STUDENT_ROW, {"student": self._student}).one()
        speakers = known_speakers(connection, self._student, SCOPES[self._scope], possible_names(text))
        wanted = terms(text)
        for speaker in speakers:  # who spoke is asked of `speaker`, not of the words
            wanted -= terms(speaker)
        translated = [term.terms for term in translations(text)]
        in_both = set(wanted).union(*(name for names in translated for name in names))
        found = look_up(connection, self._student, SCOPES[self._scope], in_both, total)
        times = times_of(text, self._clock().astimezone(zone_of(zone)))
        days = [*times.days, *self._each_year(connection, times)]
        return Asked(
            text=text,
            language=language(text),
            own=frozenset(wanted),
            translated=translated,
            own_way=in_first_person(text, [*speakers, name] if name else speakers),
            question=read_question(text, speakers=speakers, student=name, days=days),
            times=times,
            zone=zone,
            found=found,
            weights=self._weights(found, total, filters),
        )

    def _weights(self, found: Found, total: int, filters: Filters) -> dict[str, float]:
        """Say what each term tells. What is in view, the question itself above all, makes its words no less rare."""
        id_prefix = self._rows.id_prefix
        shown = [int(one[1:]) for one in filters.exclude if one[:1] == id_prefix and one[1:].isdecimal()]
        in_view = [found.counts[item] for item in shown if item in found.counts]
        seen = Counter(term for counts in in_view for term in counts)
        return {
            term: ranking.term_weight(term) * ranking.rarity(count - seen[term], total - len(in_view))
            for term, count in found.frequency.items()
        }

    def _total(self, connection: Connection) -> int:
        # BM25 wants the number of texts only as a logarithm, and counting 100,000 takes longer than searching them.
        if self._count < FIRST_COUNTS or self._searches % RECOUNT == 0:
            self._count = count_texts(connection, self._student, SCOPES[self._scope])
        self._searches += 1
        return self._count

    def _each_year(self, connection: Connection, times: Times) -> list[tuple[date, date]]:
        extent = self._rows.extent(connection) if times.any_year else None
        return in_each_year(times.any_year, extent[0].year, extent[1].year) if extent else []

    def _measured(self) -> Calibration:
        """Give what was measured of the store's embedder; no vote where none was used yet and none loads in time.

        It stands in the store: what it is blind to, such as Korean for an English model, is searched without waiting
        for a model that has no say.
        """
        if self._calibration is None:
            row = active_embedder(self._db)
            if row is None and not self._loaded():
                return Calibration(NO_VOTE, NO_VOTE)
            self._calibration = Calibration.from_json((row or self._embedder.row).calibration)
        return self._calibration

    # What is near it

    def _vector(self, asked: Asked) -> Vectors | None:
        measured = self._measured()
        votes = (measured.scale(asked.language, text).vote for text in get_args(Measured))
        if not any(votes) or not self._loaded():
            return None
        try:
            return self._embedder.embed([asked.own_way], "query")[0]
        except (ConfigError, ProviderError) as error:
            self._go_by_words(error)
            return None

    def _loaded(self) -> bool:
        try:
            return self._embedder.wait(self._deadline.left())
        except (ConfigError, ProviderError) as error:
            self._go_by_words(error)
            return False

    def _go_by_words(self, error: OfficeHoursError) -> None:
        if self._warn is None:
            raise error
        if not self._told:
            self._told = True
            self._warn(_words_alone(error))

    def _near(self, vector: Vectors | None, reach: int) -> dict[int, float]:
        if vector is None:
            return {}
        return {found.item_id: found.similarity for found in self._index.query(vector, reach, self._scope)}

    def _found(
        self, connection: Connection, asked: Asked, near: Mapping[int, float], filters: Filters, reach: int
    ) -> set[int]:
        """Choose what may be the answer: near in meaning, of the same words, or of a time that is asked for."""
        found = set(near) | set(_best_by_words(asked, reach))
        if filters.start or filters.end:
            found |= set(self._rows.within(connection, filters.start, filters.end, filters.role, reach))
        role = filters.role or asked.question.role
        for start, end in time_spans(asked.question.days, asked.zone):
            found |= set(self._rows.within(connection, start, end, role, REACH))
        if asked.question.asks_for_questions and not asked.question.days:
            found |= set(self._rows.within(connection, None, None, role, REACH))
        return found

    def _context(
        self,
        connection: Connection,
        asked: Asked,
        places: Mapping[int, CandidateRow],
        vector: Vectors | None,
        filters: Filters,
        even: float,
    ) -> dict[int, CandidateRow]:
        """Give what stands near the strongest finds in conversation: it may be the answer to one, or tell for it."""
        candidates = [place.candidate for place in places.values()]
        ranking.add_evidence(candidates, WEIGHTS)
        ranking.add_speaker(candidates, asked.question, WEIGHTS, even=even)
        ranking.add_date(candidates, asked.question, WEIGHTS)
        strongest = [candidate.id for candidate in ranking.best_first(candidates)[:WITH_CONTEXT]]
        around = self._rows.around(connection, strongest, filters)
        context = {item: place for item, place in around.items() if item not in places}
        self._weigh(asked, context, {}, vector)
        return context

    # How it is ranked

    def _weigh(
        self,
        asked: Asked,
        places: Mapping[int, CandidateRow],
        near: Mapping[int, float],
        vector: Vectors | None,
    ) -> None:
        """Give every candidate its evidence, on the scales that `ranking` adds up."""
        similarity = dict(near)
        if vector is not None:
            missing = [item for item in places if item not in near]
            similarity |= _best_parts(self._index.vectors_of(self._scope, missing), vector)
        average = sum(place.candidate.length for place in places.values()) / max(1, len(places))
        measured = self._measured()
        subject = ranking.subject_terms(asked.weights.keys() & asked.own)
        everything = sum(map(asked.weights.__getitem__, subject)) or 1.0
        for item, place in places.items():
            candidate = place.candidate
            counts = asked.found.counts.get(item, {})
            candidate.across = candidate.language != asked.language
            candidate.coverage = sum(asked.weights[t] for t in counts if t in subject) / everything
            own = {term: count for term, count in counts.items() if term in asked.own}
            candidate.words = ranking.word_score(own, asked.weights, candidate.length, average)
            if (
                candidate.across and asked.translated
            ):  # a thing that is named in both languages is still named once
                named = {term: count for term, count in counts.items() if term not in asked.own}
                words = ranking.word_score(named, asked.weights, candidate.length, average)
                candidate.words = max(candidate.words, words)
                candidate.coverage = max(candidate.coverage, _translated_share(asked.translated, counts))
            if item in similarity:
                scale = measured.scale(asked.language, candidate.language)
                candidate.meaning = scale.read(similarity[item])
                candidate.vote = scale.vote

    def _rank(
        self, connection: Connection, asked: Asked, places: Mapping[int, CandidateRow], k: int, even: float
    ) -> list[Candidate]:
        candidates = [place.candidate for place in places.values()]
        question = asked.question
        ranking.add_evidence(candidates, WEIGHTS)
        ranking.add_context(candidates, WEIGHTS, even=even)
        ranking.add_speaker(candidates, question, WEIGHTS, even=even)
        ranking.add_date(candidates, question, WEIGHTS)
        best = ranking.best_first(place.candidate for place in places.values() if place.allowed)
        best = best[: max(READ_THROUGH, 2 * k)]
        texts = self._rows.texts(connection, [candidate.id for candidate in best])
        for candidate in best:
            candidate.text = texts.get(candidate.id, "")
        ranking.add_time(best, question, has_time_words, WEIGHTS)
        ranking.add_question(best, question, WEIGHTS, even=even)
        best = ranking.keys_first(ranking.best_first(best), keys_of(asked.weights))
        return ranking.without_repeats(best, k)


def _words_alone(error: OfficeHoursError) -> OfficeHoursError:
    return OfficeHoursError(
        f"Memory is searched by words alone, for the embedder fails; nothing is lost. {error.en}",
        f"임베더가 동작하지 않아 단어로만 기억을 찾습니다. 잃어버린 것은 없습니다. {error.ko}",
    )


def _translated_share(translated: Sequence[Sequence[frozenset[str]]], counts: Mapping[str, int]) -> float:
    """Give the share of what a question names that a text has by a name in its own language."""
    held = sum(any(name <= counts.keys() for name in names) for names in translated)
    return held / max(1, len(translated))


def _best_by_words(asked: Asked, reach: int) -> list[int]:
    """Choose the items that share the most telling words with the question; lengths are weighed later."""
    weight = asked.weights.__getitem__
    counts = asked.found.counts
    return heapq.nlargest(reach, counts, key=lambda item: sum(map(weight, counts[item])))


def _best_parts(vectors: Mapping[int, Vectors], vector: Vectors) -> dict[int, float]:
    """Give each item's similarity by its nearest part."""
    found = {item: parts for item, parts in vectors.items() if len(parts)}
    if not found:
        return {}
    starts = np.cumsum([0, *map(len, found.values())])[:-1]
    best = np.maximum.reduceat(np.concatenate(list(found.values())) @ vector, starts)
    return dict(zip(found, best.tolist(), strict=True))


def _scored(hit: Hit, candidate: Candidate) -> Hit:
    signals = {name: round(value, 4) for name, value in candidate.signals.items() if value}
    return replace(
        hit, score=round(candidate.score, 4), relevance=ranking.relevance(candidate), signals=signals
    )
