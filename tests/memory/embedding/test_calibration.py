from __future__ import annotations

import json

import numpy as np
import pytest

from officehours.memory.embedding import PACKAGED, Calibration, HashingEmbedder, open_embedder
from officehours.memory.embedding.base import Kind
from officehours.memory.embedding.calibration import PAIRS, Measured, Scale, measure


class Knowing:
    """Gives the two sentences of a pair nearly the same vector, in the languages it knows."""

    def __init__(self, *languages: Measured, blind_likeness: float = 0.7) -> None:
        self._axis = {
            text: at
            for at, pair in enumerate(pair for known in languages for pair in PAIRS[known])
            for text in pair
        }
        self._blind = blind_likeness

    def embed(self, texts, kind: Kind = "text"):  # noqa: ARG002  both kinds alike
        rows = np.zeros((len(texts), 64), np.float32)
        for row, text in zip(rows, texts, strict=True):
            if text in self._axis:
                row[self._axis[text]] = 1.0
                row[63] = 0.1
            else:  # a model that is blind to a language finds everything in it alike
                row[:] = np.random.default_rng(len(text)).normal(0, 0.05, 64)
                row[62] += self._blind
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_an_embedder_votes_in_the_languages_it_knows():
    english, both = measure(Knowing("en")), measure(Knowing("en", "ko"))  # pyright: ignore[reportArgumentType]
    assert (english.en.vote, english.ko.vote) == (1.0, 0.0)
    assert (both.en.vote, both.ko.vote) == (1.0, 1.0)


def test_the_scale_reads_unrelated_as_nothing_and_a_paraphrase_as_one():
    scale = Scale(vote=1.0, unrelated=0.7, deviation=0.05, paraphrase=0.9)
    assert scale.read(0.7) == pytest.approx(0.0)
    assert scale.read(0.9) == pytest.approx(1.0)


def test_a_scale_without_a_difference_does_not_blow_up():
    assert abs(Scale(vote=0.0, unrelated=0.7, deviation=0.05, paraphrase=0.7).read(0.9)) < 10


def test_spelling_alone_gives_no_vote():
    found = measure(HashingEmbedder())
    assert (found.en.vote, found.ko.vote) == (0.0, 0.0)


def test_a_language_that_was_not_measured_is_trusted_as_the_weaker_of_both():
    known, blind = Scale(1.0, 0.0, 0.1, 0.6), Scale(0.0, 0.7, 0.1, 0.7)
    found = Calibration(ko=blind, en=known)
    assert found.scale("en") is known
    assert found.scale("ja") is blind


def test_what_was_measured_survives_the_store():
    found = measure(HashingEmbedder())
    assert Calibration.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.real_embedder
def test_the_packaged_model_knows_english_and_is_blind_to_korean():
    found = measure(open_embedder(PACKAGED))
    assert found.en.vote == 1.0
    assert found.ko.vote == 0.0
    assert found.en.unrelated < 0.2
    assert found.en.paraphrase > 0.4
