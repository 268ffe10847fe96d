from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from officehours.agent.assemble import open_tutor
from officehours.agent.models.testing.scripted import ScriptedModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.embedding import Calibration
from officehours.memory.embedding.calibration import Scale
from officehours.memory.store.schema import embedders

BLIND = Scale(vote=0.0, unrelated=0.6, deviation=0.1, paraphrase=0.7)
SEEING = Scale(vote=1.0, unrelated=0.0, deviation=0.1, paraphrase=0.7)


@pytest.mark.parametrize(("language", "waits"), [("ko", False), ("en", True)])
def test_a_turn_waits_for_an_embedder_only_if_it_knows_the_students_language(
    tmp_path: Path, language: str, waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, embedder="hashing", language=language, zone="Asia/Seoul")
    with open_runtime(settings) as runtime:
        runtime.memories.archival.insert("DoRA splits magnitude and direction.")
        runtime.embedder.embed(["the first one loads it and writes down what it is"])
        with runtime.db.begin() as connection:
            connection.execute(update(embedders).values(calibration=Calibration(BLIND, SEEING).to_json()))
    asked: list[float | None] = []
    with open_tutor(settings, model=ScriptedModel(["네."])) as agent:

        def loading(timeout: float | None = None) -> bool:
            asked.append(timeout)
            return False

        runtime: Any = agent.state.runtime
        monkeypatch.setattr(runtime.embedder, "wait", loading)
        # English by its letters, in a Korean talk too: what a model asks memory for often is.
        runtime.memories.archival.search("DoRA 정의 definition")
    assert len(asked) == 1
    assert bool(asked[0]) is waits
