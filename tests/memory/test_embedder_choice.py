from __future__ import annotations

import pytest
from sqlalchemy import select, update

from officehours.memory.embedder_choice import (
    active_embedder,
    choose_embedder,
    register_embedder,
)
from officehours.memory.embedding import HashingEmbedder
from officehours.memory.errors import ConfigError
from officehours.memory.schema import embedders


def test_the_first_embedder_is_written_into_the_store_with_its_measure(database):
    assert active_embedder(database) is None
    embedder = choose_embedder(database, "hashing")
    row = embedder.row
    assert (row.name, row.dimensions) == ("hashing", 256)
    assert set(row.calibration) == {"ko", "en"}
    assert active_embedder(database) == row
    assert embedder.embed(["a", "b"]).shape == (2, 256)


def test_another_setting_does_not_change_it_and_is_told_so(database):
    choose_embedder(database, "hashing-32").wait()
    said = []
    embedder = choose_embedder(database, "hashing-64", say=said.append)
    assert (embedder.name, embedder.dimensions) == ("hashing-32", 32)
    assert "memory reindex --embedder hashing-64" in said[0].en
    assert "hashing-32" in said[0].ko


def test_auto_takes_what_the_store_has_without_a_word(database):
    choose_embedder(database, "hashing-32").wait()
    said = []
    assert choose_embedder(database, "auto", say=said.append).name == "hashing-32"
    assert said == []


def test_of_two_programs_that_begin_at_once_one_chooses(database):
    first = register_embedder(database, HashingEmbedder(32), active=True)
    assert register_embedder(database, HashingEmbedder(64), active=True) == first
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
