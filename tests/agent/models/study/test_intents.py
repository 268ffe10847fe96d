"""What a turn wants: the shipped weights against the example files, and against sentences that they never saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from officehours.agent.models.study.intent import WEIGHTS, Embed, Matrix, cues, features, framing, plain, read
from officehours.bench.intents import examples, right
from officehours.memory.embedding import packaged_embedder

FRESH = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("fresh.tsv").read_text(encoding="utf-8").splitlines()
]
EXAMPLES = examples()


def embed(texts: Sequence[str]) -> Matrix:
    embedder = packaged_embedder()
    if embedder is None:
        pytest.skip("this install has no bilingual embedder")
    return embedder.embed(texts, "query")


def share(language: str, embed: Embed | None) -> float:
    mine = [(wanted, said) for spoken, wanted, said in FRESH if spoken == language]
    return sum(read(said, embed).intent == wanted for wanted, said in mine) / len(mine)


def test_the_weights_have_the_labels_of_the_examples_and_read_them() -> None:
    with np.load(WEIGHTS) as kept:
        labels, letters = list(map(str, kept["labels"])), kept["letters"].astype(np.float32)

    assert labels == sorted({intent for intent, _ in EXAMPLES})
    seen = features([plain(said) for _, said in EXAMPLES])
    assert right(seen @ letters, [labels.index(intent) for intent, _ in EXAMPLES]) > 0.97, (
        "run `make intents`"
    )


def test_every_intent_has_examples_in_both_languages() -> None:
    korean = {intent for intent, said in EXAMPLES if any("가" <= letter <= "힣" for letter in said)}
    english = {intent for intent, said in EXAMPLES if said.isascii()}

    assert korean == english == {intent for intent, _ in EXAMPLES}


def test_the_fresh_sentences_are_no_examples() -> None:
    assert len(FRESH) >= 120
    assert not {said for _, _, said in FRESH} & {said for _, said in EXAMPLES}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_sentences_that_were_never_seen_are_read(language: str) -> None:
    assert share(language, embed) >= 0.90


@pytest.mark.parametrize(("language", "least"), [("ko", 0.85), ("en", 0.80)])
def test_letters_alone_will_do_where_there_is_no_embedder(language: str, least: float) -> None:
    assert share(language, None) >= least


def test_a_reading_gives_what_it_weighed() -> None:
    reading = read("문제 하나 내 주세요")

    assert reading.intent == "quiz"
    assert reading.share("quiz") == reading.probability
    assert reading.share("quiz", *(name for name, _ in reading.others)) <= 1.001
    assert reading.next_best().intent == reading.others[0][0]


@pytest.mark.parametrize("said", ["", " ", "\x00", "?" * 50_000, "가" * 50_000, "a\n" * 9_000])
def test_anything_at_all_is_read(said: str) -> None:
    assert 0 < read(said, embed).probability <= 1


def test_framing_words_are_in_one_spelling() -> None:
    assert all(word == word.casefold() for word in framing())


def test_cues_are_in_small_letters_and_the_groups_of_readings_name_readings() -> None:
    assert all(word == word.casefold() for words in cues().values() for word in words)
    named = {
        intent for group in ("off_lesson", "nameless", "no_answer", "no_guess") for intent in cues()[group]
    }
    assert named <= {intent for intent, _ in EXAMPLES}
