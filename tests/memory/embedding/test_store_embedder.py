from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from officehours.memory.embedding import HashingEmbedder, active_embedder, choose_embedder
from officehours.memory.embedding import store_embedder as embedder_choice
from officehours.memory.errors import ConfigError
from officehours.memory.store.schema import embedders
from stores import register_embedder


def test_the_first_embedder_is_written_into_the_store_with_its_measure(database):
    assert active_embedder(database) is None
    embedder = choose_embedder(database, "hashing")
    row = embedder.row
    assert (row.name, row.dimensions) == ("hashing", 256)
    assert set(row.calibration) == {"ko", "en", "ko_en", "en_ko"}
    assert active_embedder(database) == row
    assert embedder.embed(["a", "b"]).shape == (2, 256)


def test_another_setting_does_not_change_it_and_is_told_so(database):
    choose_embedder(database, "hashing-32").wait()
    said = []
    embedder = choose_embedder(database, "hashing-64", warn=said.append)
    assert (embedder.name, embedder.dimensions) == ("hashing-32", 32)
    assert "memory reindex --embedder hashing-64" in said[0].en
    assert "hashing-32" in said[0].ko


def test_auto_takes_what_the_store_has_without_a_word(database):
    choose_embedder(database, "hashing-32").wait()
    said = []
    assert choose_embedder(database, "auto", warn=said.append).name == "hashing-32"
    assert said == []


def test_of_two_programs_that_begin_at_once_one_chooses(database):
    first = register_embedder(database, HashingEmbedder(32))
    assert register_embedder(database, HashingEmbedder(64)) == first
    with database.read() as connection:
        assert connection.execute(select(embedders.c.name)).scalars().all() == ["hashing-32"]


def test_a_model_that_changed_its_length_is_refused(database):
    choose_embedder(database, "hashing-32").wait()
    with database.begin() as connection:
        connection.execute(update(embedders).values(dimensions=33))
    with pytest.raises(ConfigError, match="vectors of 32 numbers now"):
        choose_embedder(database, "auto").wait()


def test_what_cannot_be_loaded_leaves_the_store_without_one(database, tmp_path):
    with pytest.raises(ConfigError):
        choose_embedder(database, str(tmp_path)).wait()
    assert active_embedder(database) is None


class Counting(HashingEmbedder):
    def __init__(self):
        super().__init__(32)
        self.asked = []

    def embed(self, texts, kind="text"):
        self.asked.append((*texts, kind))
        return super().embed(texts, kind)


@pytest.fixture
def counting(database, monkeypatch):
    inner = Counting()
    monkeypatch.setattr(embedder_choice, "open_embedder", lambda *_, **__: inner)
    embedder = choose_embedder(database, "hashing-32")
    embedder.wait()
    inner.asked.clear()
    yield embedder, inner
    embedder.close()


def knows_every_language(embedder):
    scale = {"vote": 1.0, "unrelated": 0.0, "deviation": 0.05, "paraphrase": 0.8}
    embedder._row = replace(embedder.row, calibration={"ko": scale, "en": scale})


def test_a_question_that_was_begun_is_embedded_once(counting):
    embedder, inner = counting
    knows_every_language(embedder)
    embedder.begin("what is a tensor?")
    found = embedder.embed(["what is a tensor?"], "query")
    assert inner.asked == [("what is a tensor?", "query")]
    assert (found == HashingEmbedder(32).embed(["what is a tensor?"], "query")).all()
    embedder.embed(["what is a tensor?"], "query")
    assert len(inner.asked) == 2


def test_another_question_than_the_one_begun_is_embedded_itself(counting):
    embedder, _ = counting
    knows_every_language(embedder)
    embedder.begin("what did Mina say?")
    found = embedder.embed(["what did I say?"], "query")
    assert (found == HashingEmbedder(32).embed(["what did I say?"], "query")).all()


@pytest.mark.parametrize("why", ["blind", "server", "closed"])
def test_nothing_is_begun(counting, why):
    embedder, inner = counting
    if why != "blind":
        knows_every_language(embedder)
    else:
        scale = {"vote": 0.0, "unrelated": 0.0, "deviation": 0.05, "paraphrase": 0.8}
        embedder._row = replace(embedder.row, calibration={"ko": scale, "en": scale})
    if why == "server":
        inner.local = False  # it would send what is not stored yet
    if why == "closed":
        embedder.close()
    embedder.begin("what is a tensor?")
    assert inner.asked == []
    assert not embedder._begun


@pytest.mark.parametrize("setting", ["hashing-0", "hashing-999999999", "hashing-" + "9" * 5_000])
def test_an_embedder_of_no_dimensions_or_of_too_many_is_named(database, setting):
    with pytest.raises(ConfigError, match="OFFICEHOURS_EMBEDDER"):
        choose_embedder(database, setting).wait()
