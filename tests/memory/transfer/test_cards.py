from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import genanki
import pytest
from backports import zstd

from officehours.memory.errors import BadImport, NotFound
from officehours.memory.learner.cards import Cards
from officehours.memory.learner.values import NewCard
from officehours.memory.transfer.cards.anki_read import read_package
from officehours.memory.transfer.cards.anki_write import write_package
from officehours.memory.transfer.cards.table import read_table, write_table

SIDES = [
    ("ReLU란?", "max(0, x)\n둘째 줄", "딥러닝 > 활성화", ("시험", "week_2")),
    ("a < b && c?", 'yes, "a" <b>', "", ()),
    ("가격은 $5와 $6인가요?", "$x^2$ 그리고 $$\\sum_i x_i$$", "식", ()),
    ("What is [x], you ask", "it's; a,b\tc", "", ()),
]


def sides(cards) -> list[tuple]:
    return [(card.front, card.back, card.topic, card.tags) for card in cards]


@pytest.fixture
def kept(database, student, clock):
    return Cards(database, student.id, clock).add_all([NewCard(f, b, t, tags=g) for f, b, t, g in SIDES])


def test_an_anki_package_of_ours_comes_back_as_it_was(kept, tmp_path):
    write_package([one.card for one in kept], tmp_path / "out.apkg", "owner")
    found = read_package(tmp_path / "out.apkg")
    back = [(f, b.replace("\t", " "), t, g) for f, b, t, g in SIDES]
    assert sorted(sides(found.cards)) == sorted(back)
    assert (found.cloze, found.media, found.unfit) == (0, 0, {})


def test_what_anki_had_goes_back_under_the_same_id(database, student, clock, tmp_path):
    cards = Cards(database, student.id, clock)
    card = cards.add(NewCard("f", "b", external_id="anki:Gu:id~:0")).card
    write_package([card], tmp_path / "out.apkg", "owner")
    assert read_package(tmp_path / "out.apkg").cards[0].external_id == "anki:Gu:id~:0"


def test_csv_comes_back_as_it_was(kept):
    found = read_table(write_table([one.card for one in kept]), "out.csv")
    assert sides(found.cards) == SIDES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\nc,d\n", [("a", "b"), ("c", "d")]),
        ("뒷면\t앞면\nb\ta\n", [("a", "b")]),
        ("term;definition;x\nLoRA;낮은 랭크;1\n", [("LoRA", "낮은 랭크")]),
        ('"a, with comma","b\nof two lines"\n', [("a, with comma", "b\nof two lines")]),
        ("#separator:tab\n#html:true\na<br>b\t<b>c</b>&amp;d\n", [("a\nb", "c&d")]),
        ("a,b\n,empty\nonly\n", [("a", "b")]),
    ],
)
def test_tables_as_people_and_anki_write_them(text, expected):
    assert [(card.front, card.back) for card in read_table(text, "x.csv").cards] == expected


@pytest.mark.parametrize("text", ["", "one column\nonly\n", "\0"])
def test_what_is_no_table_is_said(text):
    with pytest.raises(BadImport, match=r"x\.csv"):
        read_table(text, "x.csv")


def anki(tmp_path: Path) -> Path:
    """Write a package as another program would: reversed, cloze, pictures, sections, an empty side."""
    both = genanki.Model(1, "Reversed", fields=[{"name": n} for n in ("Front", "Back", "Hint")], templates=[
        {"name": "1", "qfmt": "{{Front}}{{#Hint}} ({{hint:Hint}}){{/Hint}}", "afmt": "{{Front}}<hr id=answer>{{Back}}"},
        {"name": "2", "qfmt": "What is {{text:Back}}?", "afmt": "{{FrontSide}}\n{{Front}}"},
    ])  # fmt: skip
    cloze = genanki.Model(2, "Cloze", model_type=genanki.Model.CLOZE, fields=[{"name": "Text"}, {"name": "Extra"}],
        templates=[{"name": "C", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}<br>{{Extra}}"}])  # fmt: skip
    deck = genanki.Deck(3, "Bio::Cells")
    deck.add_note(genanki.Note(both, ["mitosis", "division &amp; copy", "M-phase"], tags=["exam"], guid="g1"))
    deck.add_note(genanki.Note(both, ["heart", '<img src="heart.png">', "organ"], guid="g2"))
    deck.add_note(
        genanki.Note(cloze, ["{{c1::ATP}} is made in {{c2::mitochondria::where}}", "p. 3"], guid="g3")
    )
    file = tmp_path / "bio.apkg"
    genanki.Package(deck).write_to_file(str(file))
    return file


EXPECTED = [
    ("mitosis (M-phase)", "division & copy"),
    ("What is division & copy?", "mitosis"),
    ("What is [image: heart.png]?", "heart"),
    ("[…] is made in mitochondria", "ATP\np. 3"),
    ("ATP is made in [where]", "mitochondria\np. 3"),
]


def test_templates_clozes_and_media_are_read_or_said(tmp_path):
    found = read_package(anki(tmp_path))
    assert sorted((card.front, card.back) for card in found.cards) == sorted(EXPECTED)
    assert (found.cloze, found.media) == (2, 1)
    assert list(found.unfit) == ["g2:0"]
    assert {card.topic for card in found.cards} == {"Bio > Cells"}
    assert found.cards[0].tags == ("exam",)


def test_what_is_suspended_in_anki_stays_so(tmp_path):
    file = anki(tmp_path)
    with zipfile.ZipFile(file) as package:
        package.extractall(tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as database, database:
        database.execute("UPDATE cards SET queue = -1 WHERE nid = (SELECT id FROM notes WHERE guid = 'g3')")
    with zipfile.ZipFile(file, "w") as package:
        package.write(tmp_path / "collection.anki2", "collection.anki2")
    found = read_package(file)
    assert {card.external_id for card in found.cards if card.suspended} == {"anki:g3:0", "anki:g3:1"}


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def text_field(number: int, text: str) -> bytes:
    return varint(number << 3 | 2) + varint(len(text.encode())) + text.encode()


def test_the_newest_format_is_read(tmp_path):
    """Schema 18 in zstd, with the stub beside it that asks for an update, as Anki writes it since 23.10."""
    with zipfile.ZipFile(anki(tmp_path)) as old:
        (tmp_path / "c").write_bytes(old.read("collection.anki2"))
    with closing(sqlite3.connect(tmp_path / "c")) as database:
        database.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        models, decks = (
            json.loads(text) for text in database.execute("SELECT models, decks FROM col").fetchone()
        )
        database.executescript(
            "CREATE TABLE notetypes (id INTEGER PRIMARY KEY, name TEXT COLLATE unicase, mtime_secs, usn, config BLOB);"
            "CREATE TABLE fields (ntid, ord, name TEXT COLLATE unicase, config BLOB, PRIMARY KEY (ntid, ord)) WITHOUT ROWID;"
            "CREATE TABLE templates (ntid, ord, name TEXT, mtime_secs, usn, config BLOB, PRIMARY KEY (ntid, ord));"
            "CREATE TABLE decks (id INTEGER PRIMARY KEY, name TEXT COLLATE unicase, mtime_secs, usn, common, kind);"
            "CREATE UNIQUE INDEX by_name ON notetypes (name); UPDATE col SET models = '', decks = '';"
        )
        for key, model in models.items():
            config = (b"\x08\x01" if model["type"] else b"") + text_field(3, ".card { color: black }" * 9)
            database.execute(
                "INSERT INTO notetypes VALUES (?, ?, 0, 0, ?)", (int(key), model["name"], config)
            )
            for field in model["flds"]:
                database.execute(
                    "INSERT INTO fields VALUES (?, ?, ?, '')", (int(key), field["ord"], field["name"])
                )
            for t in model["tmpls"]:
                config = text_field(1, t["qfmt"]) + text_field(2, t["afmt"]) + b"\x45\0\0\0\0"
                database.execute(
                    "INSERT INTO templates VALUES (?, ?, '', 0, 0, ?)", (int(key), t["ord"], config)
                )
        for key, deck in decks.items():
            name = deck["name"].replace("::", "\x1f")
            database.execute("INSERT INTO decks VALUES (?, ?, 0, 0, '', '')", (int(key), name))
        database.commit()
    with zipfile.ZipFile(tmp_path / "new.apkg", "w") as new:
        new.writestr("meta", b"\x08\x03")
        new.writestr("collection.anki2", b"please update")
        new.writestr("collection.anki21b", zstd.compress((tmp_path / "c").read_bytes()))
        new.writestr("media", zstd.compress(b""))
    found = read_package(tmp_path / "new.apkg")
    assert sorted((card.front, card.back) for card in found.cards) == sorted(EXPECTED)
    assert {card.topic for card in found.cards} == {"Bio > Cells"}


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"not a zip"])
def test_what_is_no_package_is_said(tmp_path, content):
    (tmp_path / "x.apkg").write_bytes(content)
    with pytest.raises(BadImport, match=r"x\.apkg"):
        read_package(tmp_path / "x.apkg")
    with pytest.raises(NotFound):
        read_package(tmp_path / "y.apkg")


def test_a_broken_collection_is_said(tmp_path):
    for number, content in enumerate((b"junk", zstd.compress(b"junk"), zstd.compress(b"junk")[:5])):
        with zipfile.ZipFile(tmp_path / f"{number}.apkg", "w") as package:
            package.writestr("collection.anki21b", content)
        with pytest.raises(BadImport):
            read_package(tmp_path / f"{number}.apkg")
