"""Whether a text speaks of a thing, and which word of the course is meant by one that is spelled otherwise."""

from __future__ import annotations

import pytest

from officehours.memory.text.words import likeness, mentions, respelled, spoken

COURSE_WORDS = {
    "트랜스포머",
    "ReLU",
    "과적합",
    "LoRA",
    "MemGPT",
    "attention",
    "backpropagation",
    "정규화",
    "token",
    "function",
}


@pytest.mark.parametrize(
    ("text", "phrase", "has"),
    [
        ("RAG는 검색입니다", ("RAG",), True),
        ("storage and drag", ("RAG",), False),
        ("MemGPT lets a language model", ("GPT",), False),
        ("LoRaWAN은 통신 규격", ("LoRA",), False),
        ("LoRA는 방법", ("LoRaWAN",), False),
        ("RNN reads text", ("RNNs",), True),
        ("강화 학습의 목표", ("강화학습",), True),
        ("the eigenvalues of a matrix", ("eigenvalue",), True),
        ("language models", ("language", "model"), True),
        ("a model of the eye", ("language", "model"), False),
    ],
)
def test_a_text_mentions_a_thing_by_the_term_itself(text: str, phrase: tuple[str, ...], has: bool) -> None:
    assert mentions(text, phrase) == has


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("트렌스포머", "트랜스포머"),
        ("렐루", "ReLU"),
        ("로라", "LoRA"),
        ("어텐션", "attention"),
        ("토큰", "token"),
        ("backpropogation", "backpropagation"),
        ("atention", "attention"),
        ("과적함", "과적합"),
        ("정규분포", None),
        ("GPT", None),
        ("LoRaWAN", None),
        ("판구조론", None),
        ("양자역학", None),
        ("cat", None),
        ("tokenizer", None),
        ("fraction", None),
    ],
)
def test_a_word_is_respelled_as_the_course_has_it_and_others_are_left(word: str, meant: str | None) -> None:
    assert respelled((word,), COURSE_WORDS) == (None if meant is None else (meant,))


def test_a_word_with_more_vowels_than_another_is_not_heard_as_it() -> None:
    assert respelled(("고유벡터",), {"Cofactor", "vector", "matrix"}) is None
    assert respelled(("코팩터",), {"Cofactor", "vector", "matrix"}) == ("Cofactor",)


def test_words_sound_alike_across_scripts() -> None:
    assert spoken("렐루") == spoken("ReLU")
    assert likeness("로라", "LoRA") == 1.0
    assert likeness("렐루", "ReLU") > likeness("렐루", "RNN")
    assert likeness("", "ReLU") == likeness("렐루", "") == 0.0
