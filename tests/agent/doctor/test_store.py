from __future__ import annotations

import numpy as np
from filelock import FileLock
from sqlalchemy import delete

from officehours.agent.doctor import Check, examine_all, store
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.embedding import PACKAGED
from officehours.memory.embedding.sentence import SentenceEmbedder
from officehours.memory.index import embed_everything, student_index
from officehours.memory.index.chroma import ChromaFolder
from officehours.memory.store.schema import embed_queue, vectors


def embedder_line(monkeypatch, home, name: str, language: str) -> str:
    monkeypatch.setenv("OFFICEHOURS_HOME", str(home))
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "auto")
    with open_runtime(Settings(home=home, student="mina", language="ko", embedder=name)) as runtime:
        runtime.embedder.wait()
    check = next(check for check in examine_all("mina", "utf-8") if check.name == "embedder")
    assert check.status == "ok"
    return check.say(language)


def test_a_home_of_the_english_model_goes_on_with_it_and_is_offered_the_bilingual_one(monkeypatch, tmp_path):
    monkeypatch.setattr(SentenceEmbedder, "_load", lambda _self: 3)
    monkeypatch.setattr(SentenceEmbedder, "_encode", lambda _self, texts, _kind: np.eye(3)[[0] * len(texts)])
    for language in ("en", "ko"):
        line = embedder_line(monkeypatch, tmp_path, PACKAGED, language)
        assert line.startswith(f"{PACKAGED} (3)")
        assert "officehours memory reindex --embedder auto" in line


def test_a_home_of_another_embedder_is_offered_nothing(monkeypatch, tmp_path):
    assert embedder_line(monkeypatch, tmp_path, "hashing-32", "en") == "hashing-32 (32)"


def checks_of(monkeypatch, home, student: str | None = None) -> dict[str, Check]:
    monkeypatch.setenv("OFFICEHOURS_HOME", str(home))
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")
    return {check.name: check for check in examine_all(student, "utf-8")}


def with_notes(home, *names: str, embedded: bool = True) -> None:
    for name in names:
        settings = Settings(home=home, student=name, language="en", embedder="hashing")
        with open_runtime(settings) as runtime:
            runtime.memories.archival.insert(f"{name} has an exam in May.", kind="note")
            if embedded:
                embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)


def forget_vectors(home, name: str) -> None:
    with open_runtime(Settings(home=home, student=name, embedder="hashing")) as runtime:
        mine = runtime.student.id
        with runtime.db.begin() as connection:
            for table in (vectors, embed_queue):
                connection.execute(delete(table).where(table.c.student_id == mine))


def test_the_whole_store_is_looked_at_and_counted(monkeypatch, tmp_path):
    with_notes(tmp_path, "mina", "junho")
    with_notes(tmp_path, "sora", embedded=False)
    checks = checks_of(monkeypatch, tmp_path)
    assert "students: 3, 3 notes" in checks["database"].en
    assert "학생 3명, 메모 3개" in checks["database"].ko
    assert checks["database"].details["kinds"] == {"message": 0, "note": 3}
    assert (checks["index"].status, checks["index"].en) == ("ok", "2 items, 1 wait to be embedded")
    assert checks["index"].details["students"] == 3
    alone = checks_of(monkeypatch, tmp_path, "mina")["index"]
    assert (alone.en, alone.details["students"]) == ("1 items", 1)


def test_students_with_a_problem_are_named_and_not_all_of_many(monkeypatch, tmp_path):
    names = [f"s{number}" for number in range(7)]
    with_notes(tmp_path, "fine", *names)
    for name in names:
        forget_vectors(tmp_path, name)
    found = checks_of(monkeypatch, tmp_path)["index"]
    assert found.status == "warn"
    assert "for s0, s1, s2, s3, s4 and 2 more." in found.en
    assert "(s0, s1, s2, s3, s4 외 2명)" in found.ko
    assert found.en.endswith("officehours memory verify --repair --student s0")
    assert found.details["wrong"] == names
    assert checks_of(monkeypatch, tmp_path, "fine")["index"].status == "ok"


def test_of_many_students_those_who_were_here_last_have_their_index_compared(monkeypatch, tmp_path):
    monkeypatch.setattr(store, "MOST_COMPARED", 2)
    with_notes(tmp_path, "a", "b", "c")
    found = checks_of(monkeypatch, tmp_path)["index"]
    assert (found.details["students"], found.details["compared"]) == (3, 2)


def test_an_index_that_another_process_holds_is_waited_for_once(monkeypatch, tmp_path):
    with_notes(tmp_path, "a", "b", "c")
    opened: list[float] = []
    real = ChromaFolder.open_now
    monkeypatch.setattr(student_index, "OPENING_SECONDS", 0.0)
    monkeypatch.setattr(
        ChromaFolder, "open_now", lambda self, *, wait=0.0: opened.append(wait) or real(self, wait=wait)
    )
    with FileLock(tmp_path / "index" / "lock"):
        found = checks_of(monkeypatch, tmp_path)["index"]
    assert found.status == "ok"
    assert "another program holds the index" in found.en
    assert len(opened) == 1


def test_an_empty_home_has_nothing_wrong(monkeypatch, tmp_path):
    checks = checks_of(monkeypatch, tmp_path)
    assert checks["database"].en.endswith("no student yet")
    assert checks["index"].en == "nothing to index yet"
