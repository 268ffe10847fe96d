from __future__ import annotations

import numpy as np

from officehours.agent.doctor import examine
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.embedding import PACKAGED
from officehours.memory.embedding.sentence import SentenceEmbedder


def embedder_line(monkeypatch, home, name: str, language: str) -> str:
    monkeypatch.setenv("OFFICEHOURS_HOME", str(home))
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "auto")
    with open_runtime(Settings(home=home, student="mina", language="ko", embedder=name)) as runtime:
        runtime.embedder.wait()
    check = next(check for check in examine("mina", "utf-8") if check.name == "embedder")
    assert check.status == "ok"
    return check.say(language)


def test_a_home_of_the_english_model_goes_on_with_it_and_is_offered_the_bilingual_one(monkeypatch, tmp_path):
    monkeypatch.setattr(SentenceEmbedder, "_load", lambda _self: 3)
    monkeypatch.setattr(SentenceEmbedder, "_encode", lambda _self, texts, _kind: np.eye(3)[[0] * len(texts)])
    for language in ("en", "ko"):
        line = embedder_line(monkeypatch, tmp_path, PACKAGED, language)
        assert line.startswith(f"{PACKAGED} (3)")
        assert "officehours memory reindex --embedder auto" in line


def test_a_home_of_another_embedder_is_offered_nothing(monkeypatch, tmp_path):
    assert embedder_line(monkeypatch, tmp_path, "hashing-32", "en") == "hashing-32 (32)"
