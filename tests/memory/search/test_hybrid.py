from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import Calibration
from officehours.memory.embedding.calibration import Scale
from officehours.memory.errors import ServerUnreachable
from officehours.memory.index import Neighbour, index_text, postings
from officehours.memory.recall import Sessions
from officehours.memory.search import Deadline, HybridSearch
from officehours.memory.search import hybrid as search
from officehours.memory.search.hybrid import LOADING_SECONDS
from officehours.memory.search.ranking import WEIGHTS
from officehours.memory.store import Database
from officehours.memory.store.schema import messages
from officehours.memory.text.terms import parts
from officehours.memory.types import Message, Scope, Student

BLIND = Scale(vote=0.0, unrelated=0.7, deviation=0.1, paraphrase=0.7)
KNOWN = Scale(vote=1.0, unrelated=0.0, deviation=0.1, paraphrase=1.0)

MEANINGS = ("dog pet puppy biscuit", "car vehicle drives", "exam test midterm", "happy glad joyful")


class Concepts:
    """An embedder of four meanings, which knows English and is blind to Korean; and the index of its vectors."""

    def __init__(self) -> None:
        self.row = SimpleNamespace(calibration=Calibration(ko=BLIND, en=KNOWN).to_json())
        self.vectors: dict[tuple[str, int], np.ndarray] = {}
        self.asked: list[str] = []

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  it is there
        return True

    def embed(self, texts: Sequence[str], kind: str = "text"):
        if kind == "query":
            self.asked += texts
        words = [{word.strip("?.,!") for word in text.lower().split()} for text in texts]
        rows = np.array(
            [[len(said & set(m.split())) for m in MEANINGS] + [0.1] for said in words], np.float32
        )
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def query(self, vector, k: int, scope: Scope) -> list[Neighbour]:
        found = [
            Neighbour(scope, item, 0, float(np.max(rows @ vector)))
            for (of, item), rows in self.vectors.items()
            if of == scope
        ]
        return sorted(found, key=lambda n: -n.similarity)[:k]

    def vectors_of(self, scope: str, items: Sequence[int]):
        return {item: self.vectors[scope, item] for item in items if (scope, item) in self.vectors}


class Memory:
    """One student's recall and archival memory with a log to write into."""

    def __init__(self, database: Database, student: Student, clock: Callable[[], datetime]) -> None:
        self.concepts = Concepts()
        self.sessions = Sessions(database, student.id, clock)
        self.session = self.sessions.create("kim")
        self.clock = clock
        self.recall, kept = (
            HybridSearch(database, student.id, scope, self.concepts, self.concepts, clock)  # pyright: ignore[reportArgumentType]
            for scope in ("recall", "archival")
        )
        self.archival = ArchivalMemory(database, student.id, clock, kept)
        self._before = ""

    def warn(self, text: str, answer: str = "I see.") -> str:
        """Hold a turn and give the id of the student's message."""
        turn, asked = self.sessions.begin_turn(self.session, text, "Asia/Seoul")
        answered = self.sessions.append(self.session, turn, Message("assistant", answer))
        self.sessions.finish_turn(turn, "done")
        for stored in (asked, answered):
            said = stored.message.content
            self.concepts.vectors["recall", stored.id] = self.concepts.embed(parts(said, self._before))
            self._before = said
        return f"m{asked.id}"

    def keep(self, text: str, **given) -> str:
        kept = self.archival.insert(text, **given)
        self.concepts.vectors["archival", int(kept.id[1:])] = self.concepts.embed(parts(text))
        return kept.id

    def find(self, query: str, k: int = 10, **given) -> list[str]:
        return [hit.id for hit in self.recall.search(query, k, **given)]


@pytest.fixture
def memory(database: Database, student: Student, clock) -> Memory:
    return Memory(database, student, clock)


def test_an_empty_memory_finds_nothing(memory: Memory):
    assert memory.find("anything") == []
    assert memory.concepts.asked == []


@pytest.mark.parametrize(
    "query", ["", "  \n", "\x00", "?!", "'; DROP TABLE messages; --", "100%_", "a" * 20_000]
)
def test_no_query_breaks_a_search(memory: Memory, query):
    memory.warn("Hello there")
    memory.find(query)


@pytest.mark.parametrize("query", ["숙제", "숙제가 뭐였지?", "숙제는요"])
def test_particles_do_not_matter(memory: Memory, query):
    memory.warn("오늘 날씨가 좋네요")
    homework = memory.warn("숙제는 3장까지예요")
    assert memory.find(query)[0] == homework


def test_meaning_finds_what_shares_no_word(memory: Memory):
    memory.warn("The weather is fine")
    pet = memory.warn("My puppy sleeps a lot")
    assert memory.find("tell me of the dog")[0] == pet


def test_an_embedder_that_is_blind_to_korean_is_not_even_asked(memory: Memory):
    memory.warn("강아지 이름은 보리예요")
    memory.find("강아지 이름")
    assert memory.concepts.asked == []


def test_an_embedder_that_fails_is_said_and_words_alone_are_searched(memory: Memory, monkeypatch):
    said: list[str] = []
    dog, _ = memory.warn("My dog ate a biscuit."), memory.warn("I drive a car.")

    def down(*_, **__):
        raise ServerUnreachable("Nothing answers there.", "그곳에서 응답이 없습니다.")

    monkeypatch.setattr(memory.concepts, "embed", down)
    with pytest.raises(ServerUnreachable):
        memory.find("the dog")
    memory.recall._warn = lambda remark: said.append(remark.en)
    assert memory.find("the dog")[0] == dog
    assert memory.find("the dog")[0] == dog
    assert [text.endswith("Nothing answers there.") for text in said] == [True]
    monkeypatch.setattr(memory.concepts, "wait", down)
    memory.recall._calibration = None
    monkeypatch.setattr(search, "active_embedder", lambda _: None)
    assert memory.find("the dog")[0] == dog


def test_all_searches_together_wait_no_longer_for_a_model_that_is_being_fetched(
    database, student, clock, memory: Memory, monkeypatch
):
    now, waits = [100.0], []

    def still_loading(timeout: float | None = None) -> bool:
        waits.append(timeout)
        now[0] += timeout or 0.0
        return False

    monkeypatch.setattr(search, "monotonic", lambda: now[0])
    monkeypatch.setattr(memory.concepts, "wait", still_loading)
    dog = memory.warn("My dog ate a biscuit.")
    deadline = Deadline()
    for scope in ("recall", "archival", "recall"):
        concepts: Any = memory.concepts
        each = HybridSearch(database, student.id, scope, concepts, concepts, clock, deadline=deadline)
        found = each.search("the dog")
        assert [hit.id for hit in found[:1]] == ([dog] if scope == "recall" else [])
    assert sum(waits) == LOADING_SECONDS


def test_filters_hold_whatever_the_scores_say(memory: Memory, clock):
    old = memory.warn("dog dog dog", "Your dog?")
    before = clock()
    clock.forward(days=3)
    new = memory.warn("my dog again")
    assert set(memory.find("dog", start=before + timedelta(days=1))) == {new, f"m{int(new[1:]) + 1}"}
    assert new not in memory.find("dog", end=before + timedelta(days=1))
    assert all(int(i[1:]) % 2 == int(old[1:]) % 2 for i in memory.find("dog", role="user"))
    assert old not in memory.find("dog", exclude=frozenset({old}))


def test_a_filter_finds_what_many_better_ones_stand_before(memory: Memory, clock):
    wanted = memory.warn("the dog was there")
    end = clock() + timedelta(minutes=1)
    clock.forward(days=1)
    for n in range(120):
        memory.warn(f"dog dog {n}")
    assert memory.find("dog", end=end, role="user") == [wanted]


def test_neighbours_of_a_find_come_with_it(memory: Memory):
    asked = memory.warn("Which puppy did you choose?", "The brown one, of course.")
    answer = f"m{int(asked[1:]) + 1}"
    hit = next(h for h in memory.recall.search("dog") if h.id == answer)
    assert hit.signals["answer"] > 0 < hit.signals["near"]


def test_the_named_speaker_is_meant_and_the_question_asked_in_the_first_person(
    memory: Memory, database: Database, student: Student, clock
):
    ids: dict[str, str] = {}
    with database.begin() as connection:
        for seq, (name, text) in enumerate([("Ann", "I have a car"), ("Bob", "I have a car too")], 1):
            row = {
                "student_id": student.id, "session_id": memory.session.id, "seq": seq, "role": "user", "name": name,
                "content": text, "time": clock(), "zone": "UTC",
            }  # fmt: skip
            item = connection.execute(messages.insert().returning(messages.c.id), row).scalar_one()
            index_text(connection, student.id, "recall", item, text, name)
            memory.concepts.vectors["recall", item] = memory.concepts.embed([text])
            ids[name] = f"m{item}"
    assert memory.find("Does Ann own a vehicle?")[0] == ids["Ann"]
    assert memory.find("Does Bob own a vehicle?")[0] == ids["Bob"]
    assert memory.concepts.asked == ["Does I own a vehicle?", "Does I own a vehicle?"]


def test_what_i_asked_last_week(memory: Memory, clock):
    memory.warn("역전파가 뭐예요?", "기울기를 거꾸로 전하는 방법입니다.")
    clock.forward(days=10)
    week = memory.warn("소프트맥스는 왜 쓰나요?", "확률로 바꾸려고 씁니다.")
    thanks = memory.warn("고맙습니다")
    clock.forward(days=7)
    memory.warn("안녕하세요")
    found = memory.find("지난주에 뭐 물어봤지?")
    assert found[0] == week
    assert found.index(week) < found.index(thanks)


def test_what_i_asked_the_last_time(memory: Memory, clock):
    memory.warn("What is a tensor?")
    clock.forward(days=1)
    last = memory.warn("What is a manifold?")
    assert memory.find("What did I ask?")[0] == last


def test_a_month_is_found_in_whatever_year_it_was(memory: Memory, clock):
    clock.now = datetime(2024, 3, 5, tzinfo=UTC)
    march = memory.warn("I was wrong about the exam")
    clock.now = datetime(2024, 6, 5, tzinfo=UTC)
    memory.warn("I was wrong about the exam again")
    clock.now = datetime(2026, 11, 21, tzinfo=UTC)
    assert memory.find("What was I wrong about in March?")[0] == march


def test_what_was_undone_or_forgotten_is_not_found(memory: Memory):
    memory.warn("my dog is called Biscuit")
    memory.sessions.undo(memory.session)
    assert memory.find("Biscuit") == []


def test_repeats_come_once_and_the_newest_of_them(memory: Memory):
    newest = 0
    for _ in range(3):
        newest = memory.warn("my dog is called Biscuit and he likes to sleep")
    assert memory.find("Biscuit")[0] == newest
    assert len([h for h in memory.recall.search("Biscuit") if "Biscuit" in h.text]) == 1


def test_every_hit_says_what_its_score_is_made_of(memory: Memory):
    memory.warn("my dog is called Biscuit")
    hit = memory.recall.search("What is my dog called?")[0]
    assert sum(hit.signals.values()) == pytest.approx(hit.score, abs=0.001)
    assert hit.signals["speaker"] == WEIGHTS.speaker
    assert {"words", "meaning"} <= hit.signals.keys()


def test_relevance_tells_an_answer_from_small_talk(memory: Memory):
    memory.warn("my dog is called Biscuit", "What a nice name for a puppy!")
    assert memory.recall.search("What is my dog called?")[0].relevance > 0.5
    assert all(hit.relevance < 0.5 for hit in memory.recall.search("What is an eigenvalue?"))


def test_the_question_itself_does_not_make_its_words_common(memory: Memory):
    told = memory.warn("강아지 이름은 보리예요")
    asked = memory.warn("강아지 이름이 뭐였죠?")
    answer = f"m{int(asked[1:]) + 1}"
    hit = memory.recall.search("강아지 이름이 뭐였죠?", exclude=frozenset({asked, answer}))[0]
    assert (hit.id, hit.relevance > 0.5) == (told, True)


def test_students_do_not_see_each_other(memory: Memory, database: Database, other: Student, clock):
    memory.warn("my dog is called Biscuit")
    theirs = Memory(database, other, clock)
    theirs.warn("a dog, too")
    assert [hit.text for hit in theirs.recall.search("Biscuit dog", role="user")] == ["a dog, too"]


def test_a_key_is_found_exactly_among_many(memory: Memory, database: Database):
    keys = [f"{n:08x}-aaaa-4bbb-8ccc-{n * 7919:012x}" for n in range(150)]
    with database.begin():
        for key, value in pairwise(keys):
            memory.archival.insert(f"key: {key}, value: {value}")
    for n in (0, 7, 100, 148):
        assert memory.archival.search(keys[n], 3)[0].text.startswith(f"key: {keys[n]}")


def test_only_what_holds_is_found_unless_asked_as_of_a_time(memory: Memory, clock):
    first = memory.keep("The exam is on December 3", kind="fact", subject="exam")
    then = clock()
    clock.forward(days=5)
    second = memory.keep("The exam is on December 5", kind="fact", subject="exam", corrects=True)
    assert [hit.id for hit in memory.archival.search("When is the exam?")] == [second]
    past = memory.archival.search("When is the exam?", as_of=then + timedelta(days=1))
    assert [hit.id for hit in past] == [first]


def test_kinds_filter_and_a_passages_title_is_read_with_it(memory: Memory):
    passage = memory.keep("It turns scores into probabilities.", kind="passage", name="Softmax")
    note = memory.keep("I mix up softmax and sigmoid", kind="note")
    assert [hit.id for hit in memory.archival.search("softmax", kinds=["passage"])] == [passage]
    assert {hit.id for hit in memory.archival.search("softmax")} == {passage, note}


def test_a_common_term_is_passed_over_for_rarer_ones(
    monkeypatch, memory: Memory, database: Database, student: Student
):
    monkeypatch.setattr(postings, "COMMON_FLOOR", 5)
    for n in range(12):
        memory.warn(f"lesson {n}", "fine")
    rare = memory.warn("lesson about tensors", "fine")
    with database.read() as connection:
        both = postings.look_up(connection, student.id, 0, ["lesson", "tensor"], 26)
        alone = postings.look_up(connection, student.id, 0, ["lesson"], 26)
    assert both.counts == {int(rare[1:]): {"tensor": 1}}
    assert (len(alone.counts), alone.frequency) == (13, {"lesson": 13})


def test_the_budget_of_rows_goes_to_the_rarest_terms():
    assert postings.within_budget({"a": 5, "b": 900, "c": 40}, 100) == ["a", "c"]
    assert postings.within_budget({"b": 900}, 100) == ["b"]
    assert postings.most_telling(["b:가나", "word", "longer", "=k-1"], 3) == ["=k-1", "longer", "word"]
