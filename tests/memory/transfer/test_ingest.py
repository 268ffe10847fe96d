from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from officehours.memory.archival.memory import ArchivalMemory
from officehours.memory.embedding.store_embedder import choose_embedder
from officehours.memory.errors import BadImport, NotFound, UsageError
from officehours.memory.index.embed_worker import count_pending
from officehours.memory.index.student_index import StudentIndex
from officehours.memory.transfer.ingest import Ingester

LORA = """---
title: ignored
---

# LoRA와 DoRA

두 방법을 견줍니다.

## LoRA

낮은 계수의 행렬 둘을 배웁니다.

## DoRA

### 식

크기와 방향으로 나눕니다.

### 예시

```python
# 코드 안의 제목은 제목이 아니다

m = norm(w)
```
"""


class NoSearch:
    def search(self, *_query, **_filters):
        return []


@pytest.fixture
def archival(database, student, clock) -> ArchivalMemory:
    return ArchivalMemory(database, student.id, clock, NoSearch())


@pytest.fixture
def embedder(database):
    embedder = choose_embedder(database, "hashing-64")
    yield embedder
    embedder.close()


@pytest.fixture
def index(database, student):
    return StudentIndex(database, student, None)


@pytest.fixture
def ingester(database, student, archival, embedder, index, clock) -> Ingester:
    return Ingester(database, student, archival, embedder, index, clock)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    (folder / "week 1").mkdir(parents=True)
    (folder / "lora.md").write_text(LORA, encoding="utf-8")
    (folder / "week 1" / "notes.txt").write_text("ReLU는 음수를 0으로 만든다.\n", encoding="utf-8")
    (folder / "README.md").write_text("# 강의\n\n읽는 순서.\n", encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.md").write_text("# no", encoding="utf-8")
    return folder


def kept(archival: ArchivalMemory) -> dict[str | None, str]:
    return {passage.external_id: passage.text for passage in archival.list("passage")}


def test_passages_are_known_by_file_and_place_and_stand_alone(ingester, archival, course):
    report = ingester.ingest([course])
    assert (report.files, report.new) == (2, 5)
    assert report.passed_over == ["course/README.md", "course/picture.png"]
    assert kept(archival) == {
        "course/lora.md#lora와-dora": "LoRA와 DoRA\n\n두 방법을 견줍니다.",
        "course/lora.md#lora": "LoRA와 DoRA > LoRA\n\n낮은 계수의 행렬 둘을 배웁니다.",
        "course/lora.md#dora/식": "LoRA와 DoRA > DoRA > 식\n\n크기와 방향으로 나눕니다.",
        "course/lora.md#dora/예시": "LoRA와 DoRA > DoRA > 예시\n\n```python\n# 코드 안의 제목은 제목이 아니다\n\n"
        "m = norm(w)\n```",
        "course/week 1/notes.txt#notes": "notes\n\nReLU는 음수를 0으로 만든다.",
    }
    passage = next(found for found in archival.list("passage") if found.locator == "dora/식")
    assert (passage.trust, passage.origin, passage.role) == ("course", "course/lora.md", "source")


def test_everything_is_found_when_it_returns(ingester, database, student, embedder, index, archival, course):
    ingester.ingest([course])
    assert count_pending(database, student.id) == 0
    found = index.query(embedder.embed(["음수를 0으로 만든다"], "query")[0], 1, "archival")
    assert archival.details(found[0].item_id).origin == "course/week 1/notes.txt"


def test_again_does_nothing_and_a_change_touches_only_its_passage(ingester, archival, course):
    ingester.ingest([course])
    before = {passage.external_id: passage.id for passage in archival.list("passage")}
    report = ingester.ingest([course])
    assert (report.new, report.changed, report.unchanged, report.removed) == (0, 0, 5, 0)
    changed = LORA.replace("낮은 계수의", "계수가 낮은").replace("### 예시", "### 본보기")
    (course / "lora.md").write_text(changed, encoding="utf-8")
    report = ingester.ingest([course])
    assert (report.new, report.changed, report.unchanged, report.removed) == (1, 1, 3, 1)
    after = {passage.external_id: passage.id for passage in archival.list("passage", superseded=True)}
    assert set(after) - set(before) == {"course/lora.md#dora/본보기"}
    assert set(before) - set(after) == {"course/lora.md#dora/예시"}
    assert {name for name in before if after.get(name) not in {None, before[name]}} == {"course/lora.md#lora"}
    assert "계수가 낮은" in kept(archival)["course/lora.md#lora"]


def test_a_file_that_went_is_named_and_its_passages_stay(ingester, archival, course):
    ingester.ingest([course])
    (course / "lora.md").rename(course / "lora and dora.md")
    report = ingester.ingest([course])
    assert report.gone == ["course/lora.md"]
    assert "course/lora.md#lora" in kept(archival)


def test_pruning_forgets_the_passages_of_files_that_went_and_of_no_others(
    ingester, archival, course, tmp_path, index, embedder
):
    (tmp_path / "lora.md").write_text(LORA, encoding="utf-8")
    ingester.ingest([course, tmp_path / "lora.md"])
    (course / "lora.md").unlink()
    report = ingester.ingest([course], prune=True)
    assert (report.gone, report.removed, report.unchanged) == (["course/lora.md"], 4, 1)
    assert set(kept(archival)) == {"course/week 1/notes.txt#notes"} | {
        name for name in kept(archival) if name.startswith("lora.md#")
    }
    found = index.query(embedder.embed(["낮은 계수의 행렬 둘을 배웁니다"], "query")[0], 9, "archival")
    assert {archival.details(hit.item_id).origin for hit in found} <= {"lora.md", "course/week 1/notes.txt"}
    assert ingester.ingest([course], prune=True).gone == []


def test_an_emptied_folder_can_be_pruned(ingester, archival, course):
    ingester.ingest([course])
    (course / "lora.md").unlink()
    (course / "week 1" / "notes.txt").unlink()
    with pytest.raises(NotFound, match="README"):
        ingester.ingest([course])
    assert len(kept(archival)) == 5
    assert ingester.ingest([course], prune=True).removed == 5
    assert kept(archival) == {}


@pytest.mark.parametrize("name", ["README.md", "readme.txt", "ReadMe.markdown"])
def test_what_describes_a_folder_is_taken_in_only_by_its_name(ingester, archival, tmp_path, name):
    (tmp_path / "course").mkdir()
    described = tmp_path / "course" / name
    described.write_text("# 강의\n\n읽는 순서.\n", encoding="utf-8")
    (tmp_path / "course" / "readme-first.md").write_text("# ReLU\n\nmax(0, x)\n", encoding="utf-8")
    assert ingester.ingest([tmp_path / "course"]).passed_over == [f"course/{name}"]
    assert set(kept(archival)) == {"course/readme-first.md#relu"}
    ingester.ingest([described])
    assert len(kept(archival)) == 2


def test_a_single_file_is_named_by_itself(ingester, archival, course):
    ingester.ingest([course / "lora.md"])
    assert set(kept(archival)) == {
        f"lora.md#{place}" for place in ("lora와-dora", "lora", "dora/식", "dora/예시")
    }


def test_another_students_passages_are_others(ingester, database, other, embedder, clock, course):
    ingester.ingest([course])
    theirs = ArchivalMemory(database, other.id, clock, NoSearch())
    report = Ingester(database, other, theirs, embedder, StudentIndex(database, other, None), clock).ingest(
        [course / "lora.md"]
    )
    assert (report.new, report.unchanged) == (4, 0)
    assert len(theirs.list()) == 4


def test_one_file_that_is_not_utf8_stops_all_of_them(ingester, archival, course):
    (course / "z.md").write_bytes("# 제목\n\n글".encode("cp949"))
    with pytest.raises(BadImport, match=r"z\.md, line 1: this is not UTF-8"):
        ingester.ingest([course])
    (course / "z.md").write_bytes(b"a\0b")
    with pytest.raises(BadImport, match=r"z\.md is not text"):
        ingester.ingest([course])
    assert kept(archival) == {}


def test_what_is_not_there_or_no_material_says_so(ingester, tmp_path, course):
    with pytest.raises(NotFound, match="no file or folder"):
        ingester.ingest([tmp_path / "gone"])
    with pytest.raises(UsageError, match="neither Markdown nor text"):
        ingester.ingest([course / "picture.png"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound, match="no Markdown or text"):
        ingester.ingest([tmp_path / "empty"])


def test_names_from_a_mac_are_the_same_names(ingester, archival, tmp_path):
    file = tmp_path / unicodedata.normalize("NFD", "강의.md")
    file.write_text(unicodedata.normalize("NFD", "# 과적합\n\n외운다."), encoding="utf-8")
    ingester.ingest([file])
    assert kept(archival) == {"강의.md#과적합": "과적합\n\n외운다."}


def test_no_passage_is_dated_after_now(ingester, archival, course, clock):
    clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    ingester.ingest([course])
    assert {passage.time for passage in archival.list()} == {clock.now}


def test_the_end_of_a_line_without_a_full_stop_is_found(ingester, archival, index, embedder, tmp_path):
    line = tmp_path / "captions.txt"
    line.write_text(
        " ".join(["그래서 다음으로 넘어가면"] * 2_000) + " 순전파 역전파 경사하강법", encoding="utf-8"
    )
    ingester.ingest([line])
    found = index.query(embedder.embed(["순전파 역전파 경사하강법"], "query")[0], 1, "archival")
    assert "경사하강법" in archival.get(found[0].item_id).text
