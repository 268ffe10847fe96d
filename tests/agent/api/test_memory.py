from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from officehours.agent.api.memory import Memory, open_memory
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.memory.embedding import HashingEmbedder
from officehours.memory.errors import NotFound, UsageError
from program import officehours
from tutors import MovableClock, say, settings_for, tutor

COURSE = Path(__file__).parents[3] / "examples" / "ai-basics"
SAID = [
    {
        "id": "x1",
        "role": "user",
        "content": "지난 학기에는 미분을 배웠다",
        "time": "2025-03-02T09:00:00+09:00",
    },
    {"id": "x2", "kind": "note", "content": "The midterm covers eigenvalues."},
]


def memory_at(home: Path, student: str | None = None, **options: object) -> Memory:
    return open_memory(settings_for(home, MovableClock()), student, **options)  # pyright: ignore[reportArgumentType]


def written(path: Path) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in SAID), encoding="utf-8")
    return path


def test_what_is_added_and_imported_is_found_without_a_chat(tmp_path: Path) -> None:
    with memory_at(tmp_path / "home", "mina") as memory:
        kept = memory.add("LoRA freezes the weights and learns two small matrices.", tags=["llm"])
        report = memory.import_files(written(tmp_path / "talk.jsonl"))
        assert (report.messages, report.kept, report.failed) == (1, 1, {})
        assert memory.search("LoRA")[0].id == kept.id
        assert memory.search("미분은", where="recall")[0].external_id == "x1"
        assert memory.search("미분", where="archival") == []
        assert memory.get(kept.id).text.startswith("LoRA")
        assert memory.get("m1").text == "지난 학기에는 미분을 배웠다"
        assert memory.add("LoRA freezes the weights and learns two small matrices.").status == "known"


def test_course_files_come_in_and_their_vectors_when_they_are_wanted(tmp_path: Path) -> None:
    with memory_at(tmp_path) as memory:
        report = memory.ingest(COURSE / "08-lora-dora.md")
        assert report.new == memory.waiting > 5
        done: list[tuple[int, int]] = []
        memory.embed(lambda number, of: done.append((number, of)))
        assert memory.waiting == 0
        assert done[-1] == (report.new, report.new)
        assert memory.search("DoRA", k=1)[0].origin == "08-lora-dora.md"


@pytest.mark.parametrize("where", ["all", "recall", "archival"])
def test_the_command_line_finds_the_same(tmp_path: Path, where: str) -> None:
    home = tmp_path / "home"
    with memory_at(home, "mina") as memory:
        memory.ingest(COURSE)
        memory.import_files([written(tmp_path / "talk.jsonl")])
        memory.embed()
        found = memory.search("LoRA와 미분", 5, where=where)  # pyright: ignore[reportArgumentType]
    shown = officehours(
        "memory", "search", "LoRA와 미분", "-k", "5", "--in", where, "--json", "--student", "mina", home=home
    )
    assert [(hit["id"], hit["score"]) for hit in shown.json["hits"]] == [(hit.id, hit.score) for hit in found]
    assert found


def test_as_of_takes_a_day_a_time_and_words(tmp_path: Path) -> None:
    clock = MovableClock(datetime(2026, 11, 1, 3, tzinfo=UTC))
    with open_memory(settings_for(tmp_path, clock)) as memory:
        memory.add("The exam is about matrices.")
        clock.forward(days=10)
        memory.add("The exam is about integrals.")
        for before in (date(2026, 11, 5), datetime(2026, 11, 5, tzinfo=UTC), "2026-11-05", "지난주"):
            assert [hit.text for hit in memory.search("exam", as_of=before)] == [
                "The exam is about matrices."
            ]
        with pytest.raises(UsageError, match="no date"):
            memory.search("exam", as_of="someday")


def test_an_agents_memory_is_the_agents(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["Noted.", "Yes."])) as agent:
        say(agent, "My exam is on eigenvalues.")
        agent.memory.add("Eigenvalues are the roots of the characteristic polynomial.")
        assert {hit.source for hit in agent.memory.search("eigenvalues")} == {"recall", "archival"}
        agent.memory.close()
        assert agent.memory.search("eigenvalues")
        assert agent.memory.student == agent.state.memories.student
        say(agent, "And characteristic polynomials?")


def test_it_may_be_filled_while_a_turn_runs(tmp_path: Path) -> None:
    with tutor(tmp_path, ScriptedModel(["One two three."], piece=3)) as agent:
        turn = agent.turn("Count")
        next(turn)
        adding = threading.Thread(target=lambda: agent.memory.add("Added from beside."))
        adding.start()
        adding.join()
        list(turn)
        assert agent.memory.search("beside")[0].text == "Added from beside."


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        memory_at(tmp_path, "nobody", create=False)
    with memory_at(tmp_path) as memory:
        for wrong in (
            lambda: memory.search("x", where="nowhere"),  # pyright: ignore[reportArgumentType]
            lambda: memory.add("x", kind="nothing"),
            lambda: memory.add("  "),
            lambda: memory.get("a99"),
            lambda: memory.get("zebra"),
            lambda: memory.import_files(tmp_path / "missing.jsonl"),
            lambda: memory.ingest([]),
        ):
            with pytest.raises(UsageError) as told:
                wrong()
            assert told.value.ko
        assert memory.search("") == memory.search("x", 0) == []


def test_closing_twice_and_using_what_is_closed(tmp_path: Path) -> None:
    memory = memory_at(tmp_path)
    memory.close()
    memory.close()
    for use in (lambda: memory.search("x"), lambda: memory.student, lambda: memory.add("x")):
        with pytest.raises(UsageError, match="closed"):
            use()


def test_language_and_zone_are_the_students_from_now_on(tmp_path: Path) -> None:
    with memory_at(tmp_path, "mina", language="ko", zone="Asia/Seoul") as memory:
        assert (memory.student.language, memory.student.zone) == ("ko", "Asia/Seoul")
    with memory_at(tmp_path, "mina", language="en", zone="Europe/London") as memory:
        assert (memory.student.language, memory.student.zone) == ("en", "Europe/London")
    with memory_at(tmp_path, "mina") as memory:
        assert (memory.student.language, memory.student.zone) == ("en", "Europe/London")
    for wrong in ({"language": "de"}, {"zone": "Mars/Olympus"}):
        with pytest.raises(UsageError, match=next(iter(wrong.values()))):
            memory_at(tmp_path, "mina", **wrong)


def test_an_embedder_of_the_programs_own_is_used_and_stays_the_stores(tmp_path: Path) -> None:
    class Own(HashingEmbedder):
        asked = 0

        def embed(self, texts, kind="text"):  # pyright: ignore[reportIncompatibleMethodOverride]
            self.asked += 1
            return super().embed(texts, kind)

        @property
        def name(self) -> str:
            return "my-own"

    own = Own(64)
    with memory_at(tmp_path, embedder=own) as memory:
        memory.add("Gradient descent follows the slope.")
        memory.embed()
        assert own.asked
        assert memory.search("gradient")
    with memory_at(tmp_path, embedder="hashing") as memory:
        assert memory.search("gradient")
        assert any("my-own" in warning.en for warning in memory.warnings)


def test_two_embedders_of_a_programs_own_are_two_and_the_stores_is_the_first(tmp_path: Path) -> None:
    one, other = HashingEmbedder(32), HashingEmbedder(48)
    with (
        memory_at(tmp_path, "mina", embedder=one) as first,
        memory_at(tmp_path, "junho", embedder=other) as second,
    ):
        first.add("Gradient descent follows the slope.")
        first.embed()
        second.add("Newton's method follows the curvature.")
        second.embed()
        assert second.search("curvature")
    assert [warning.en for warning in first.warnings] == []
    assert any("hashing-32" in warning.en for warning in second.warnings)
