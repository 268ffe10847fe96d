from __future__ import annotations

import re
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

import officehours
from officehours.memory import errors

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs" / "api").glob("*.md"))
README = ROOT / "README.md"


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def samples(page: Path) -> list[tuple[int, str]]:
    """The Python of a page, each with the line it begins in."""
    text = read(page)
    found = re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [(text[: block.start(1)].count("\n"), block[1]) for block in found]


@pytest.mark.parametrize(
    "page", [page for page in [*PAGES, README] if samples(page)], ids=lambda page: page.stem
)
def test_the_samples_of_a_page_run_from_top_to_bottom(
    page: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEHOURS_MODEL", "study")
    monkeypatch.setenv("OFFICEHOURS_EMBEDDER", "hashing")
    module = ModuleType("sample")  # what asks a class or a function for its module finds one
    monkeypatch.setitem(sys.modules, "sample", module)
    for line, code in samples(page):
        exec(compile("\n" * line + code, str(page), "exec"), module.__dict__)


def test_every_public_name_stands_on_the_page_that_lists_them() -> None:
    listed = set(re.findall(r"`(\w+)`", read(ROOT / "docs" / "api" / "README.md")))
    assert set(officehours.__all__) - {"__version__"} <= listed


def test_the_names_of_the_test_helpers_stand_on_their_page() -> None:
    from officehours import testing

    page = read(ROOT / "docs" / "api" / "testing.md")
    assert [name for name in testing.__all__ if name not in page] == []


def test_every_argument_of_open_tutor_and_every_setting_is_described() -> None:
    from dataclasses import fields
    from inspect import signature

    tutor, settings = (read(ROOT / "docs" / "api" / f"{name}.md") for name in ("tutor", "settings"))
    assert [name for name in signature(officehours.open_tutor).parameters if f"`{name}`" not in tutor] == []
    assert [field.name for field in fields(officehours.Settings) if f"`{field.name}`" not in settings] == []


def test_the_tree_of_errors_is_that_of_the_code() -> None:
    tree = re.search(
        r"^    OfficeHoursError .*?^    Interrupted.*?$", errors.__doc__ or "", re.MULTILINE | re.DOTALL
    )
    assert tree is not None
    assert dedent(tree[0]) in read(ROOT / "docs" / "api" / "errors.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", read(page)):
        assert (page.parent / target).exists(), target
