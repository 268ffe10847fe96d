from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from officehours.memory.search import ranking
from officehours.memory.search.ranking import WEIGHTS, Candidate, Question

NOON = datetime(2026, 10, 12, 12, tzinfo=UTC)


def candidate(
    item: int, *, seq: int = 0, words: float = 0.0, meaning: float = 0.0, vote: float = 1.0, **given
) -> Candidate:
    time = given.pop("time", NOON + timedelta(minutes=item))
    return Candidate(
        id=item,
        session=given.pop("session", 1),
        seq=seq or item,
        time=time,
        day=time.date(),
        role=given.pop("role", "user"),
        words=words,
        meaning=meaning,
        vote=vote,
        **given,
    )


def order(candidates: list[Candidate]) -> list[int]:
    return [c.id for c in ranking.best_first(candidates)]


def test_a_term_of_one_text_tells_all_and_a_term_of_every_text_nothing():
    assert ranking.rarity(1, 1_000) == pytest.approx(1.0)
    assert ranking.rarity(0, 1_000) == pytest.approx(1.0)
    assert ranking.rarity(10, 1_000) > ranking.rarity(100, 1_000) > ranking.rarity(1_000, 1_000) > 0
    assert ranking.rarity(1_000, 1_000) < 0.01


def test_a_counted_frequency_above_an_old_total_does_not_break():
    assert 0 < ranking.rarity(12, 10) < 0.1


def test_bm25_saturates_and_makes_length_pay():
    weights = {"a": 1.0, "b": 1.0}
    once, often = (ranking.word_score({"a": n}, weights) for n in (1, 50))
    assert once == pytest.approx(1.0)
    assert once < often < 1.6
    assert ranking.word_score({"a": 1, "b": 1}, weights) > often
    assert (
        ranking.word_score({"a": 1}, weights, 300, 100)
        < once
        < ranking.word_score({"a": 1}, weights, 30, 100)
    )


def test_meaning_counts_only_as_far_as_the_embedder_knows_the_language():
    known, blind = candidate(1, meaning=1.0, vote=1.0), candidate(2, meaning=1.0, vote=0.0)
    ranking.add_evidence([known, blind])
    assert known.signals["meaning"] == WEIGHTS.meaning
    assert blind.signals["meaning"] == 0
    worded = [candidate(3, words=1.0, vote=1.0), candidate(4, words=1.0, vote=0.0)]
    ranking.add_evidence(worded)
    assert worded[0].signals["words"] == WEIGHTS.words
    assert worded[1].signals["words"] == WEIGHTS.words_alone


def test_neighbours_share_their_evidence_within_a_conversation_and_a_few_hours():
    found = candidate(1, words=1.0)
    near, far = candidate(2), candidate(9)
    elsewhere = candidate(3, session=2, seq=2)
    late = candidate(4, seq=3, time=NOON + timedelta(days=1))
    everyone = [found, near, far, elsewhere, late]
    ranking.add_evidence(everyone)
    ranking.add_context(everyone)
    assert near.signals["near"] == pytest.approx(WEIGHTS.near * WEIGHTS.words)
    assert [c.signals["near"] for c in (far, elsewhere, late)] == [0, 0, 0]


def test_an_answer_gets_a_share_of_its_questions_evidence():
    question, answer, before = candidate(5, words=1.0, asks=True), candidate(6), candidate(4)
    ranking.add_evidence([question, answer, before])
    ranking.add_context([question, answer, before])
    assert order([answer, before]) == [6, 4]
    assert before.signals["answer"] == 0


def test_what_the_named_speaker_said_is_preferred():
    ann, bob = candidate(1, name="Ann Lee"), candidate(2, name="Bob")
    ranking.add_speaker([ann, bob], Question(speakers=frozenset({"ann"})))
    assert order([ann, bob]) == [1, 2]


@pytest.mark.parametrize(("role", "first"), [("user", 1), ("assistant", 2)])
def test_i_means_the_student_and_you_the_professor(role, first):
    mine, yours = candidate(1), candidate(2, role="assistant")
    ranking.add_speaker([mine, yours], Question(role=role))
    assert order([mine, yours])[0] == first


def test_long_answers_do_not_swamp_a_question_that_names_nobody():
    long, short = candidate(1, role="assistant", length=400), candidate(2, role="assistant", length=20)
    ranking.add_speaker([long, short], Question(), even=0.0)  # a tutor's chat
    assert long.signals["speaker"] < short.signals["speaker"] <= 0


def test_a_named_day_counts_more_than_a_named_year_and_the_days_after_count_a_little():
    day = (date(2026, 10, 12), date(2026, 10, 13))
    year = (date(2026, 1, 1), date(2027, 1, 1))
    on, after, later = (
        candidate(1),
        candidate(2, time=NOON + timedelta(days=4)),
        candidate(3, time=NOON + timedelta(days=40)),
    )
    ranking.add_date([on, after, later], Question(days=(day,)))
    assert on.signals["date"] == WEIGHTS.date
    assert on.signals["date"] > after.signals["date"] > later.signals["date"] == 0
    vague = candidate(4)
    ranking.add_date([vague], Question(days=(year,)))
    assert 0 < vague.signals["date"] < after.signals["date"]


def test_a_question_after_a_time_prefers_what_names_one():
    dated, plain = candidate(1, text="I went last Tuesday."), candidate(2, text="I went.")
    ranking.add_time([dated, plain], Question(asks_when=True), lambda text: "Tuesday" in text)
    assert order([dated, plain]) == [1, 2]
    ranking.add_time([other := candidate(3, text="last Tuesday")], Question(), lambda _: True)
    assert other.signals == {}


def test_questions_count_less_unless_they_are_looked_for():
    asked, told = candidate(1, text="What is it?"), candidate(2, text="It is a dog.")
    ranking.add_question([asked, told], Question())
    assert order([asked, told]) == [2, 1]
    ranking.add_question([asked, told], Question(asks_for_questions=True))
    assert order([asked, told]) == [1, 2]
    assert ranking.question_share("I passed. Shall we go on?") == 0.5


def test_of_equal_scores_the_newer_comes_first():
    assert order([candidate(1), candidate(3), candidate(2)]) == [3, 2, 1]


def test_a_key_finds_first_what_begins_with_it():
    value = candidate(1, text="key: bbb-2, value: aaa-1")
    key = candidate(2, text="key: AAA-1, value: ccc-3")
    other = candidate(3, text="aaa and 1")
    assert [c.id for c in ranking.keys_first([other, value, key], ["aaa-1"])] == [2, 1, 3]
    assert [c.id for c in ranking.keys_first([other, value, key], [])] == [3, 1, 2]


def test_of_near_repeats_the_fullest_and_of_equals_the_newest_is_kept():
    said = "my final exam in linear algebra is on the third of December in room two"
    old, new = candidate(1, text=said), candidate(2, text=said.upper())
    fuller = candidate(3, text=said + " upstairs")
    assert [c.id for c in ranking.without_repeats([old, new], 5)] == [2]
    assert [c.id for c in ranking.without_repeats([new, fuller, candidate(4, text="else")], 5)] == [3, 4]


def test_what_differs_in_a_number_is_not_a_repeat():
    said = "my final exam in linear algebra is on December {} at two in the big hall"
    found = [candidate(1, text=said.format(3)), candidate(2, text=said.format(5))]
    assert len(ranking.without_repeats(found, 5)) == 2


def test_two_passages_that_differ_in_a_word_are_two_places_to_cite():
    said = "the quick brown fox jumps over the lazy dog while seven other animals look on"
    found = [candidate(n, text=t, passage=True) for n, t in ((1, said), (2, said + " quietly"))]
    assert len(ranking.without_repeats(found, 5)) == 2
    assert len(ranking.without_repeats([replace(c, passage=False) for c in found], 5)) == 1


def test_repeats_do_not_take_the_place_of_other_finds():
    texts = ["one two three four"] * 5 + ["five six", "seven eight"]
    found = [candidate(n, text=t) for n, t in enumerate(texts, 1)]
    assert len(ranking.without_repeats(found, 3)) == 3


def test_relevance_needs_more_than_the_right_speaker():
    named = candidate(1, meaning=0.2, coverage=0.1, words=0.2)
    named.signals["speaker"] = WEIGHTS.speaker
    told = candidate(2, meaning=1.1, coverage=0.7, words=1.5)
    assert ranking.relevance(named) < 0.1
    assert ranking.relevance(told) > 0.5


def test_without_a_vote_relevance_goes_by_the_words():
    half = candidate(1, coverage=0.3, words=0.5, vote=0.0, meaning=0.9)
    whole = candidate(2, coverage=1.0, words=1.0, vote=0.0)
    assert ranking.relevance(half) < 0.5 < ranking.relevance(whole)
