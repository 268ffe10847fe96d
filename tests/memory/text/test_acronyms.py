from __future__ import annotations

import pytest

from officehours.memory.text.acronyms import acronyms_named, spelled_out_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LoRA(Low-Rank Adaptation)는 방법", [("LoRA", "Low-Rank Adaptation")]),
        ("DoRA (Weight-Decomposed Low-Rank Adaptation)", [("DoRA", "Weight-Decomposed Low-Rank Adaptation")]),
        ("We use mean squared error (MSE) here.", [("MSE", "mean squared error")]),
        ("CoT (chain of thought)", [("CoT", "chain of thought")]),
        ("a GAN (a Generative Adversarial Network)", [("GAN", "Generative Adversarial Network")]),
        ("The GPU (see the last chapter) and the CPU (which is slow).", []),
        ("RNN(3주차), LoRA (2021)", []),
    ],
)
def test_an_acronym_is_read_with_the_words_it_is_made_of(text, found):
    assert list(spelled_out_in(text)) == found


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("LoRA랑 GAN은 뭐가 달라요? LoRA요!", ("LoRA", "GAN")),
        ("What are RNNs?", ("RNN",)),
        ("I live in Seoul. What is A?", ()),
        ("MemGPT2와 x", ("MemGPT2",)),
    ],
)
def test_acronyms_are_named_by_their_capitals(text, named):
    assert acronyms_named(text) == named
