"""Homes of students, with and without a course; there is no network."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from officehours.memory.embedding import Calibration, Embedder, packaged_embedder, store_embedder
from officehours.memory.embedding.bilingual import BILINGUAL
from officehours.memory.embedding.calibration import measure
from officehours.memory.errors import ToolError
from officehours.tools import web
from talks import COURSE, Talk, read_in


def no_network(query: str, where: str) -> list[web.Found]:
    raise ToolError("The web cannot be searched: there is no network.", "웹 검색을 할 수 없습니다.")


@pytest.fixture(scope="session", autouse=True)
def offline() -> Iterable[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "search_ddgs", no_network)
        yield


@cache
def measured() -> Calibration:
    embedder = packaged_embedder()
    assert embedder is not None
    return measure(embedder)


@pytest.fixture(scope="module", autouse=True)
def measured_once() -> Iterable[None]:
    """Measure the packaged embedder once a process: every new home would, for a second."""

    def known(embedder: Embedder) -> Calibration:
        return measured() if embedder.name == BILINGUAL else measure(embedder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_embedder, "measure", known)
        yield


@pytest.fixture(scope="session")
def course_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample course; a minute of embedding is saved, and a store that was made with another embedder is tried."""
    return read_in(tmp_path_factory.mktemp("course"), COURSE, "hashing")


@pytest.fixture
def empty(tmp_path: Path) -> Talk:
    """A student without a course."""
    return Talk(tmp_path / "student")


@pytest.fixture
def course(course_home: Path, tmp_path: Path) -> Talk:
    """A student of the sample course."""
    return Talk(shutil.copytree(course_home, tmp_path / "student"))
