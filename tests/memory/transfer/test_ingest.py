from __future__ import annotations

import os
import tempfile
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from officehours.memory.archival import ArchivalMemory
from officehours.memory.embedding import choose_embedder
from officehours.memory.errors import NotFound, UsageError
from officehours.memory.index import StudentIndex, count_pending, embed_everything
from officehours.memory.store.schema import archival as archival_table
from officehours.memory.transfer import Ingester, ingest

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
def ingester(database, student, archival, clock) -> Ingester:
    return Ingester(database, student, archival, clock)


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
    assert report.passed_over == {
        "course/.hidden.md": "hidden",
        "course/README.md": "readme",
        "course/picture.png": "type",
    }
    assert report.found == 5
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


def test_everything_waits_for_its_vectors_and_is_found_by_them_then(
    ingester, database, student, embedder, index, archival, course
):
    told: list[tuple[int, int]] = []
    ingester.ingest([course], lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert count_pending(database, student.id) == 5
    embed_everything(database, student.id, embedder, index)
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
    assert ingester.ingest([tmp_path / "course"]).passed_over == {f"course/{name}": "readme"}
    assert set(kept(archival)) == {"course/readme-first.md#relu"}
    ingester.ingest([described])
    assert len(kept(archival)) == 2


def test_a_single_file_is_named_by_itself(ingester, archival, course):
    ingester.ingest([course / "lora.md"])
    assert set(kept(archival)) == {
        f"lora.md#{place}" for place in ("lora와-dora", "lora", "dora/식", "dora/예시")
    }


def test_another_students_passages_are_others(ingester, database, other, clock, course):
    ingester.ingest([course])
    theirs = ArchivalMemory(database, other.id, clock, NoSearch())
    report = Ingester(database, other, theirs, clock).ingest([course / "lora.md"])
    assert (report.new, report.unchanged) == (4, 0)
    assert len(theirs.list()) == 4


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("# 제목\n\n글".encode("cp949"), "line 1: this is not UTF-8"),
        ("# 제목\n\n글".encode("cp949"), "iconv -f CP949"),
        ("# Caf\xe9\n\ncrème".encode("latin-1"), "iconv -f LATIN1"),
        ("글".encode("utf-16-le"), "is not text"),  # nothing says what it is
        (b"a\0b", "is not text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0", "is not text"),
        (b"PK\x03\x04\x14\0\0\0", "is not text"),
        (b"\xff\xfe\x00\xd8", "not UTF-16"),  # half a character
        (b"\xff\xfea\0b", "not UTF-16"),  # an odd number of bytes
        (b"\xff\xfe\0\0\xff\xff\xff\xff", "not UTF-32"),
        (b"# ok\n\n\xed\xa0\x80", "line 3: this is not UTF-8"),
        (b"x" * 17_000_000, "larger than 16 MB"),
    ],
)
def test_a_file_that_is_no_unicode_text_is_named_and_the_others_are_taken(
    ingester, archival, course, content, why
):
    (course / "z.md").write_bytes(content)
    report = ingester.ingest([course])
    assert (report.files, report.new) == (2, 5)
    assert list(report.failed) == [str(course / "z.md")]
    assert why in report.failed[str(course / "z.md")].en
    assert len(kept(archival)) == 5


def test_what_a_file_gave_before_stays_while_it_cannot_be_read(ingester, archival, course):
    ingester.ingest([course])
    (course / "lora.md").write_bytes("글".encode("cp949"))
    report = ingester.ingest([course], prune=True)
    assert (list(report.failed), report.gone) == ([str(course / "lora.md")], [])
    assert len(kept(archival)) == 5


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_files_of_one_name_are_two_documents(ingester, archival, tmp_path):
    ml = write(tmp_path / "ml/week1/notes.md", "ReLU")
    stats = write(tmp_path / "stats/week1/notes.md", "p-value")
    assert ingester.ingest([ml, stats]).new == 2
    assert kept(archival) == {
        "ml/week1/notes.md#notes": "notes\n\nReLU",
        "stats/week1/notes.md#notes": "notes\n\np-value",
    }
    for named in ([stats, ml], [ml], [stats]):
        assert ingester.ingest(named).unchanged == len(named)


def test_folders_of_one_name_are_two_in_one_call_or_in_two(ingester, archival, tmp_path):
    write(tmp_path / "ml/lectures/01.md", "ReLU")
    write(tmp_path / "stats/lectures/01.md", "p-value")
    ingester.ingest([tmp_path / "ml/lectures"])
    report = ingester.ingest([tmp_path / "stats/lectures"])
    assert (report.new, report.changed, report.gone) == (1, 0, [])
    assert set(kept(archival)) == {"lectures/01.md#01", "stats/lectures/01.md#01"}
    write(tmp_path / "stats/lectures/02.md", "median")
    report = ingester.ingest([tmp_path / "stats/lectures", tmp_path / "ml/lectures"])
    assert (report.new, report.unchanged) == (1, 2)
    assert "stats/lectures/02.md#02" in kept(archival)


def test_folders_of_one_name_are_pruned_each_for_itself(ingester, archival, tmp_path):
    write(tmp_path / "ml/lectures/01.md", "ReLU")
    write(tmp_path / "ml/lectures/02.md", "GELU")
    write(tmp_path / "stats/lectures/01.md", "p-value")
    ingester.ingest([tmp_path / "ml/lectures", tmp_path / "stats/lectures"])
    (tmp_path / "ml/lectures/02.md").unlink()
    assert ingester.ingest([tmp_path / "stats/lectures"], prune=True).removed == 0
    assert ingester.ingest([tmp_path / "ml/lectures"], prune=True).removed == 1
    assert set(kept(archival)) == {"ml/lectures/01.md#01", "stats/lectures/01.md#01"}


def test_one_file_reached_in_several_ways_is_one_document(ingester, archival, course, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(course)
    (course / "week 1" / "again.md").symlink_to(course / "lora.md")
    ingester.ingest([course / "lora.md", course, tmp_path / "link"])
    monkeypatch.chdir(course / "week 1")
    for path in (Path("../lora.md"), Path(".."), Path(), tmp_path / "link" / "lora.md", course / "lora.md"):
        report = ingester.ingest([path])
        assert (report.new, report.changed, report.removed, report.gone) == (0, 0, 0, [])
    assert len(kept(archival)) == 5


def test_a_folder_that_was_moved_and_edited_keeps_its_names(ingester, archival, course, tmp_path):
    ingester.ingest([course])
    (tmp_path / "elsewhere").mkdir()
    moved = course.rename(tmp_path / "elsewhere" / "course")
    (moved / "week 1" / "notes.txt").write_text("ReLU(x) = max(0, x)\n", encoding="utf-8")
    report = ingester.ingest([moved])
    assert (report.new, report.changed, report.unchanged) == (0, 1, 4)
    (moved / "lora.md").unlink()
    assert ingester.ingest([moved]).gone == ["course/lora.md"]


def test_another_folder_of_that_name_does_not_take_the_place_of_one_that_went(ingester, archival, tmp_path):
    gone = write(tmp_path / "ml/lectures/01.md", "ReLU")
    ingester.ingest([gone.parent])
    gone.rename(tmp_path / "01.md")
    gone.parent.rmdir()
    write(tmp_path / "stats/lectures/01.md", "p-value")
    ingester.ingest([tmp_path / "stats/lectures"])
    assert set(kept(archival)) == {"lectures/01.md#01", "stats/lectures/01.md#01"}


@pytest.mark.parametrize("name", [unicodedata.normalize("NFD", "강의.md"), os.fsdecode(b"caf\xe9.md")])
def test_a_file_is_still_there_whatever_bytes_its_name_has(ingester, archival, tmp_path, name):
    odd = unicodedata.normalize("NFD", "머신러닝")
    write(tmp_path / odd / "lectures" / name, "ReLU")
    ingester.ingest([tmp_path / odd / "lectures"])
    write(tmp_path / "stats" / "lectures" / "README.md", "nothing yet")
    with pytest.raises(NotFound):
        ingester.ingest([tmp_path / "stats" / "lectures"], prune=True)
    write(tmp_path / "stats" / "lectures" / name, "ReLU")
    assert ingester.ingest([tmp_path / "stats" / "lectures"]).new == 1
    assert len(kept(archival)) == 2


def test_documents_from_before_places_were_kept_are_the_same_documents(ingester, archival, course, database):
    ingester.ingest([course])
    with database.begin() as connection:
        connection.execute(update(archival_table).values(path=None))
    (course / "week 1" / "notes.txt").unlink()
    report = ingester.ingest([course])
    assert (report.unchanged, report.new, report.gone) == (4, 0, ["course/week 1/notes.txt"])


def test_links_that_leave_the_folder_are_named_and_not_followed(ingester, archival, course, tmp_path):
    secret = write(tmp_path / "private" / "diary.md", "# 일기\n\n비밀")
    (course / "diary.md").symlink_to(secret)
    (course / "more").symlink_to(secret.parent)
    (course / "broken.md").symlink_to(tmp_path / "nowhere.md")
    report = ingester.ingest([course])
    assert report.links == ["course/broken.md", "course/diary.md", "course/more"]
    assert (report.files, report.new) == (2, 5)


def test_a_name_that_is_not_utf8_is_shown_escaped(ingester, archival, course):
    Path(os.fsdecode(os.fsencode(course) + b"/caf\xe9\x1b.md")).write_text(
        "# Crema\n\nfoam", encoding="utf-8"
    )
    assert ingester.ingest([course]).new == 6
    assert "course/caf\\xe9\\x1b.md#crema" in kept(archival)
    assert ingester.ingest([course]).unchanged == 6


def test_two_names_that_are_written_alike_are_not_mixed(ingester, archival, tmp_path):
    for form in ("NFC", "NFD"):
        write(tmp_path / "course" / unicodedata.normalize(form, "강의.md"), form)
    report = ingester.ingest([tmp_path / "course"])
    assert (report.files, len(report.failed), len(kept(archival))) == (1, 1, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_file_is_the_same_however_it_is_written(ingester, archival, course, encoding, end, form):
    (course / "lora.md").write_bytes(unicodedata.normalize(form, LORA).replace("\n", end).encode(encoding))
    assert ingester.ingest([course / "lora.md"]).new == 4
    assert kept(archival)["lora.md#dora/식"] == "LoRA와 DoRA > DoRA > 식\n\n크기와 방향으로 나눕니다."
    write(course / "lora.md", LORA)
    assert ingester.ingest([course / "lora.md"]).unchanged == 4


def test_one_path_that_cannot_be_used_does_not_keep_the_others_out(ingester, archival, course, tmp_path):
    gone, picture = tmp_path / "gone.md", course / "picture.png"
    endless = Path("x" * 5_000)
    report = ingester.ingest([gone, course / "lora.md", picture, endless])
    assert (report.found, report.files) == (4, 1)
    assert list(report.failed) == [str(gone), str(picture), str(endless)]


def test_links_in_a_circle_end_and_are_named(ingester, archival, course):
    (course / "week 1" / "up").symlink_to(course)
    (course / "self.md").symlink_to(course / "self.md")
    (course / "again.md").symlink_to("lora.md")
    report = ingester.ingest([course])
    assert (report.files, report.links) == (2, ["course/self.md"])
    assert report.passed_over["course/week 1/up"] == report.passed_over["course/again.md"] == "same"


def test_a_folder_in_a_folder_that_was_named_is_looked_through_once(ingester, archival, course, tmp_path):
    report = ingester.ingest(
        [course / "week 1", course, course / "week 1" / "notes.txt", course / "week 1" / ".."]
    )
    assert (report.found, report.files, report.new) == (5, 2, 5)


def test_what_is_no_file_is_named_and_not_opened(ingester, course):
    os.mkfifo(course / "pipe.md")
    assert ingester.ingest([course]).passed_over["course/pipe.md"] == "special"


def test_a_file_without_words_is_named(ingester, archival, course):
    ingester.ingest([course])
    for name, text in {
        "empty.md": "",
        "spaces.md": " \n\n",
        "comment.md": "<!-- later -->",
        "lora.md": "\ufeff",
    }.items():
        write(course / name, text)
    report = ingester.ingest([course])
    assert {name for name, why in report.passed_over.items() if why == "blank"} == {
        "course/comment.md", "course/empty.md", "course/lora.md", "course/spaces.md",
    }  # fmt: skip
    assert (report.files, report.removed) == (1, 4)


def test_folders_and_files_that_may_not_be_read_are_named(ingester, archival, course, monkeypatch):
    write(course / "week 2" / "closed.md", "x")
    write(course / "week 3" / "unseen.md", "x")
    ingester.ingest([course])
    listdir, lstat, opening = os.listdir, Path.lstat, Path.open

    def refuse(path: object, name: str) -> None:
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", lambda path: refuse(path, "week 2") or listdir(path))
    monkeypatch.setattr(Path, "lstat", lambda path: refuse(path, "unseen.md") or lstat(path))
    monkeypatch.setattr(Path, "open", lambda path, *how: refuse(path, "lora.md") or opening(path, *how))
    report = ingester.ingest([course], prune=True)
    assert set(report.failed) == {str(course / name) for name in ("lora.md", "week 2", "week 3/unseen.md")}
    assert (report.found, report.files, report.gone, report.removed) == (7, 1, [], 0)
    assert all("Permission denied" in error.en for error in report.failed.values())


def test_a_file_that_is_being_written_is_read_again_and_else_named(ingester, archival, course, monkeypatch):
    lora, reads = course / "lora.md", []
    real = ingest.read_bytes

    def while_written(stream, name, limit):
        raw = real(stream, name, limit)
        if name.endswith("lora.md") and len(reads) < changes:
            reads.append(name)
            with lora.open("a", encoding="utf-8") as more:
                more.write(f"\n\n## 절 {len(reads)}\n\n글\n")
        return raw

    monkeypatch.setattr(ingest, "read_bytes", while_written)
    changes = 1
    assert ingester.ingest([course]).failed == {}
    assert "course/lora.md#절-1" in kept(archival)
    changes = 99
    report = ingester.ingest([course])
    assert "is being written" in report.failed[str(lora)].en
    assert report.unchanged == 1
    assert "course/lora.md#절-1" in kept(archival)


@pytest.mark.parametrize("seconds", [10**12, 2**40])
def test_a_date_at_the_calendars_end_is_not_believed(ingester, archival, course, clock, seconds):
    try:
        os.utime(course / "lora.md", (seconds, seconds))
    except (OSError, OverflowError):
        pytest.skip("this file system has no such dates")
    ingester.ingest([course / "lora.md"])
    assert {passage.time for passage in archival.list()} == {clock.now}


ODD_NAMES = [
    b"caf\xe9",
    b"\x1b[31mred",
    b"new\nline",
    b"tab\t",
    b"'; DROP TABLE",
    b"%_",
    b"a#b",
    b"\xe2\x80\xae",
    b"x" * 250,
]


def test_no_name_is_more_than_a_database_takes(ingester, archival, tmp_path):
    folder = os.fsencode(tmp_path / "course")
    Path(os.fsdecode(folder)).mkdir()
    for name in ODD_NAMES:
        Path(os.fsdecode(folder + b"/" + name[:248] + b".md")).write_text("# T\n\nx", encoding="utf-8")
    assert ingester.ingest([tmp_path / "course"]).files == len(ODD_NAMES)
    assert ingester.ingest([tmp_path / "course"]).unchanged == len(ODD_NAMES)
    assert len(kept(archival)) == len(ODD_NAMES)


def test_folders_nested_deeper_than_python_calls_are_walked(ingester, archival, tmp_path):
    deep = tmp_path / "course" / "/".join("d" * 1_100)
    folders = [*reversed(deep.parents[:1_100]), deep]
    for folder in folders:  # mkdir(parents=True) calls itself as often
        folder.mkdir()
    try:
        (deep / "x.md").write_text("deep down", encoding="utf-8")
        assert ingester.ingest([tmp_path / "course"]).files == 1
    finally:  # and so does what would clear it away
        (deep / "x.md").unlink()
        for folder in reversed(folders):
            folder.rmdir()


# Whatever is in a folder, all of it is accounted for.

WORDS = st.binary(max_size=40) | st.sampled_from(["# T\n\nx", "# T", "", "글", " "]).flatmap(
    lambda text: st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp949"]).map(text.encode)
)
DECOMPOSED = unicodedata.normalize("NFD", "강의.md")
NAMES = st.sampled_from(
    ["a.md", "b.txt", "README.md", ".hidden.md", "x.png", "강의.md", DECOMPOSED, "notes",
     os.fsdecode(b"caf\xe9.md"), "A.MD", "week", ".git", "up"]
)  # fmt: skip
TREE: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(
        NAMES,
        WORDS | st.sampled_from(["->a.md", "->..", "->.", "->/etc/hostname", "->up", "pipe"]),
        max_size=5,
    ),
    lambda inner: st.dictionaries(NAMES, inner | WORDS, max_size=5),
    max_leaves=4,
)


def build(folder: Path, tree: dict[str, Any]) -> int:
    """Build a folder, and count what is in it but for what is below a name with a dot."""
    folder.mkdir(parents=True)
    found = 0
    for name, entry in tree.items():
        path = folder / name
        if isinstance(entry, dict):
            inner = build(path, entry)
            found += 1 if name.startswith(".") else inner
            continue
        found += 1
        if isinstance(entry, bytes):
            path.write_bytes(entry)
        elif entry == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to(entry.removeprefix("->"))
    return found


# Names that are written alike, of which one cannot be read, or neither: each is said once.
@example({DECOMPOSED: {"강의.md": b""}, "강의.md": {DECOMPOSED: b"\x00"}})
@example({DECOMPOSED: {"강의.md": b"\x00"}, "강의.md": {DECOMPOSED: b"\x00"}})
@settings(max_examples=60)
@given(TREE)
def test_what_is_in_a_folder_is_taken_passed_over_or_named(ingester, archival, tmp_path, tree):
    root = Path(tempfile.mkdtemp(dir=tmp_path)) / "course"
    there = build(root, tree)
    try:
        report = ingester.ingest([root])
    except NotFound as error:
        assert "README" in error.en  # noqa: PT017  there is no course material
        return
    assert report.found == there
    assert report.found == report.files + len(report.passed_over) + len(report.links) + len(report.failed)
    again = ingester.ingest([root])
    assert (again.found, again.new, again.changed, again.removed, again.gone) == (there, 0, 0, 0, [])
    assert again.unchanged == report.new + report.unchanged


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


def test_the_end_of_a_line_without_a_full_stop_is_found(
    ingester, database, student, archival, index, embedder, tmp_path
):
    line = tmp_path / "captions.txt"
    line.write_text(
        " ".join(["그래서 다음으로 넘어가면"] * 2_000) + " 순전파 역전파 경사하강법", encoding="utf-8"
    )
    ingester.ingest([line])
    embed_everything(database, student.id, embedder, index)
    found = index.query(embedder.embed(["순전파 역전파 경사하강법"], "query")[0], 1, "archival")
    assert "경사하강법" in archival.get(found[0].item_id).text
