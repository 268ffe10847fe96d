from __future__ import annotations

import io
import json
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officehours.memory.archival import ArchivalMemory
from officehours.memory.errors import BadImport, NotFound
from officehours.memory.store.schema import messages
from officehours.memory.transfer import Importer, packages

NO_SEARCH: Any = None


@pytest.fixture
def importer(database, student, clock) -> Importer:
    return Importer(database, student, ArchivalMemory(database, student.id, clock, NO_SEARCH), clock)


def conversations(*words: str) -> str:
    """Give a `conversations.json` of one conversation for each word."""

    def talk(word: str) -> dict[str, object]:
        said = {
            "author": {"role": "user"},
            "content": {"content_type": "text", "parts": [f"{word}가 뭐예요?"]},
        }
        node = {"id": word, "parent": None, "children": [], "message": {"id": word, **said}}
        return {"title": word, "conversation_id": f"c-{word}", "current_node": word, "mapping": {word: node}}

    return json.dumps([talk(word) for word in words])


def contents(database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(messages.c.content)).scalars())


PACKAGES: dict[str, dict[str, str]] = {
    "one file": {"conversations.json": conversations("LoRA", "DoRA"), "chat.html": "<html>"},
    "numbered files": {
        "conversations-000.json": conversations("LoRA"),
        "conversations-001.json": conversations("DoRA"),
        "export_manifest.json": "{}",
        "user.json": '{"mapping": 1}',
        "message_feedback.json": "[]",
        "shared_conversations.json": "[]",
    },
    "one folder inside": {
        "export-2026/conversations-000.json": conversations("LoRA", "DoRA"),
        "export-2026/dalle-generations/file-1.webp": "RIFF",
    },
    "an object around the list": {
        "conversations.json": f'{{"conversations": {conversations("LoRA", "DoRA")}}}'
    },
    "the same conversation in two files": {
        "conversations.json": conversations("LoRA", "DoRA"),
        "conversations-000.json": conversations("DoRA"),
    },
    "a byte-order mark": {"conversations.json": "\ufeff" + conversations("LoRA", "DoRA")},
}


def as_folder(files: dict[str, str], tmp_path: Path) -> Path:
    for name, text in files.items():
        (tmp_path / "export" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "export" / name).write_text(text, encoding="utf-8")
    return tmp_path / "export"


def as_zip(files: dict[str, str], tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return tmp_path / "export.zip"


@pytest.mark.parametrize("make", [as_folder, as_zip])
@pytest.mark.parametrize("kind", PACKAGES)
def test_an_export_is_read_however_it_is_packed(importer, database, tmp_path, kind, make):
    package = make(PACKAGES[kind], tmp_path)
    report = importer.import_file(package)
    assert contents(database) == ["DoRA가 뭐예요?", "LoRA가 뭐예요?"]
    assert (report.messages, report.failed) == (2, {})
    assert report.read == 2 + report.known + len(report.passed_over)
    again = importer.import_file(package)
    assert (again.messages, again.known) == (0, report.messages + report.known)


def test_the_files_of_an_export_may_be_named_one_by_one(importer, database, tmp_path):
    folder = as_folder(PACKAGES["numbered files"], tmp_path)
    report = importer.import_files([folder / "conversations-001.json", folder / "conversations-000.json"])
    assert (report.read, report.messages, len(contents(database))) == (2, 2, 2)


def test_what_lies_beside_the_conversations_is_named(importer, tmp_path):
    report = importer.import_file(as_zip(PACKAGES["numbered files"], tmp_path))
    assert set(report.passed_over) == set(PACKAGES["numbered files"]) - {
        "conversations-000.json",
        "conversations-001.json",
    }


BROKEN: dict[str, bytes] = {
    "not text": b"PK\x03\x04\x00\x00",
    "cut off": conversations("ReLU").encode()[:-40],
    "not Unicode": b'[{"mapping": "' + "글".encode("cp949") + b'"}]',
    "brackets without end": b"[" * 100_000,
    "another program's": b'[{"uuid": "1", "chat_messages": [{"sender": "human", "text": "hi"}]}]',
    "nothing": b"",
}


@pytest.mark.parametrize("make", [as_folder, as_zip])
@pytest.mark.parametrize("kind", BROKEN)
def test_one_broken_file_of_a_package_is_named_and_the_others_are_taken(
    importer, database, tmp_path, kind, make
):
    package = make({"conversations-000.json": conversations("LoRA"), "conversations-001.json": ""}, tmp_path)
    if make is as_folder:
        (package / "conversations-001.json").write_bytes(BROKEN[kind])
    else:
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("conversations-000.json", conversations("LoRA"))
            archive.writestr("conversations-001.json", BROKEN[kind])
    report = importer.import_file(package)
    assert contents(database) == ["LoRA가 뭐예요?"]
    (place,) = report.failed
    assert place.startswith("conversations-001.json")
    assert report.read == 2


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_of_which_nothing_can_be_read_is_an_error(importer, tmp_path, kind):
    (tmp_path / "conversations.json").write_bytes(BROKEN[kind])
    with pytest.raises(BadImport):
        importer.import_file(tmp_path / "conversations.json")


def test_of_several_files_one_that_is_not_there_does_not_keep_the_others_out(importer, database, tmp_path):
    folder = as_folder(PACKAGES["numbered files"], tmp_path)
    report = importer.import_files([tmp_path / "gone.jsonl", folder])
    assert (report.messages, list(report.failed)) == (2, [str(tmp_path / "gone.jsonl")])
    with pytest.raises(NotFound):
        importer.import_files([tmp_path / "gone.jsonl", tmp_path / "gone too"])


def test_claudes_export_is_named_with_what_can_be_read(importer, tmp_path):
    (tmp_path / "conversations.json").write_bytes(BROKEN["another program's"])
    with pytest.raises(BadImport, match=r"Claude's export.*ChatGPT's export, JSON Lines, Letta"):
        importer.import_file(tmp_path / "conversations.json")


# What is larger than it may be


def declared(file: Path, size: int) -> None:
    """Let a zip say another size of its first file, in its list and before the file."""
    raw = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        raw[raw.index(mark) + offset : raw.index(mark) + offset + 4] = struct.pack("<I", size)
    file.write_bytes(raw)


def bombs() -> dict[str, Callable[[Path], None]]:
    def declared_large(file: Path) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("conversations.json", b" " * 5_000_000)

    def larger_than_declared(file: Path) -> None:
        declared_large(file)
        declared(file, 40)

    def many_files(file: Path) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(6):
                archive.writestr(f"conversations-{number:03}.json", b" " * 900_000)

    def long_list(file: Path) -> None:
        with zipfile.ZipFile(file, "w") as archive:
            for number in range(3_000):
                archive.writestr(f"{number}.png", b"")

    def long_list_of_a_large_zip(file: Path) -> None:
        long_list(file)
        raw = file.read_bytes()
        end = raw.rindex(b"PK\x05\x06")
        count, listed, begins = struct.unpack("<HII", raw[end + 10 : end + 20])
        large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, listed, begins)
        locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
        small = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        file.write_bytes(raw[:end] + large + locator + small)

    return {
        made.__name__: made
        for made in (declared_large, larger_than_declared, many_files, long_list, long_list_of_a_large_zip)
    }


@pytest.mark.parametrize("kind", bombs())
def test_a_zip_that_would_fill_the_memory_is_refused_before_it_is_read(importer, tmp_path, monkeypatch, kind):
    for name, size in (
        ("LARGEST_FILE", 1_000_000),
        ("LARGEST_PACKAGE", 2_000_000),
        ("LARGEST_DIRECTORY", 50_000),
    ):
        monkeypatch.setattr(packages, name, size)
    inflated: list[int] = []
    real = zlib.decompressobj

    def counting(*arguments):
        inflater = real(*arguments)

        class Counting:
            unconsumed_tail = b""
            eof = False

            def decompress(self, data: bytes, most: int = 0) -> bytes:
                out = inflater.decompress(data, most)
                self.eof, self.unconsumed_tail = inflater.eof, inflater.unconsumed_tail
                inflated.append(len(out))
                return out

            def flush(self, *length: int) -> bytes:
                return inflater.flush(*length)

        return Counting()

    monkeypatch.setattr(zlib, "decompressobj", counting)
    bombs()[kind](tmp_path / "bomb.zip")
    with pytest.raises(BadImport, match=r"larger than|cannot be unpacked"):
        importer.import_file(tmp_path / "bomb.zip")
    assert sum(inflated) <= 1_000_001


def test_a_file_without_end_is_not_read_to_its_end(importer, monkeypatch, tmp_path):
    monkeypatch.setattr(packages, "LARGEST_FILE", 1_000)
    with pytest.raises(BadImport, match="larger than"):
        importer.import_file(Path("/dev/zero"))
    (tmp_path / "long.jsonl").write_text('{"content": "x"}\n' * 100, encoding="utf-8")
    with pytest.raises(BadImport, match="larger than"):
        importer.import_file(tmp_path / "long.jsonl")


@pytest.mark.parametrize("form", ["lines", "zip"])
def test_what_comes_through_a_pipe_is_read(importer, database, tmp_path, form):
    raw = io.BytesIO()
    if form == "zip":
        with zipfile.ZipFile(raw, "w") as archive:
            archive.writestr("conversations.json", conversations("LoRA"))
    else:
        raw.write('{"content": "LoRA가 뭐예요?"}\n'.encode())
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[raw.getvalue()])
    writer.start()
    importer.import_file(tmp_path / "pipe")
    writer.join()
    assert contents(database) == ["LoRA가 뭐예요?"]


ODD_NAMES = [
    "../../etc/conversations.json",
    "/conversations.json",
    "C:\\conversations.json",
    "대화/conversations.json",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_where_a_zip_wants_its_files_does_not_matter(importer, database, tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    file = as_zip({name.replace("C:\\", "C:/"): conversations("LoRA")}, tmp_path)
    importer.import_file(file)
    assert contents(database) == ["LoRA가 뭐예요?"]
    assert set(tmp_path.rglob("*")) - before <= {file, *(tmp_path / "home").rglob("*"), tmp_path / "home"}


def test_what_a_mac_leaves_in_a_zip_is_no_conversation(importer, tmp_path):
    files = {"conversations.json": conversations("LoRA"), "__MACOSX/._conversations.json": "\0\5\x16\7"}
    report = importer.import_file(as_zip(files, tmp_path))
    assert (report.failed, report.passed_over) == ({}, {"__MACOSX/._conversations.json": "no conversation"})


def test_a_locked_zip_is_refused_in_a_sentence(importer, tmp_path):
    file = as_zip({"conversations.json": conversations("LoRA")}, tmp_path)
    raw = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    file.write_bytes(raw)
    with pytest.raises(BadImport, match="cannot be unpacked"):
        importer.import_file(file)


def test_no_broken_zip_ends_in_anything_but_a_sentence(importer, tmp_path):
    whole = as_zip(PACKAGES["numbered files"], tmp_path).read_bytes()
    file = tmp_path / "broken.zip"
    for place in range(0, len(whole), 3):
        for byte in (0, 255):
            file.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            with suppress(BadImport, NotFound):
                report = importer.import_file(file)
                assert report.read == report.taken + len(report.passed_over) + len(report.failed)


def test_links_that_lead_out_of_a_folder_are_named_and_not_followed(importer, database, tmp_path):
    folder = as_folder({"conversations-000.json": conversations("LoRA")}, tmp_path)
    (tmp_path / "private.json").write_text(conversations("DoRA"), encoding="utf-8")
    (folder / "conversations-001.json").symlink_to(tmp_path / "private.json")
    report = importer.import_file(folder)
    assert (list(report.failed), contents(database)) == (["conversations-001.json"], ["LoRA가 뭐예요?"])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_one_name_in_a_zip_are_told_apart(importer, database, tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("user.json (number 6 of the zip)", "{}")
        for word in ("LoRA", "DoRA"):
            archive.writestr("conversations.json", conversations(word))
        for _ in range(3):
            archive.writestr("user.json", "{}")
    report = importer.import_file(tmp_path / "export.zip")
    assert contents(database) == ["DoRA가 뭐예요?", "LoRA가 뭐예요?"]
    assert report.read == 6 == report.taken + len(report.passed_over)


def test_a_folder_of_more_than_the_bound_is_refused(importer, tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "LARGEST_PACKAGE", 100)
    with pytest.raises(BadImport, match="larger than"):
        importer.import_file(as_folder(PACKAGES["numbered files"], tmp_path))
