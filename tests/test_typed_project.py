from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from packages import NOT_COPIED, ROOT

pytestmark = [pytest.mark.checkout, pytest.mark.slow]

PROJECT = ROOT / "examples" / "typed-project"
PIP = ("-m", "pip", "--disable-pip-version-check", "-q")

MISTAKES = """
from library import Library, copies_left
from officehours import ToolContext, events, open_memory, open_tutor
from officehours.testing import ScriptedModel

library = ToolContext(deps=Library({}))
copies_left(7, library)  # wrong
copies_left("Linear Algebra")  # wrong
words: str = copies_left("Linear Algebra", library)  # wrong
open_tutor(studnet="mina")  # wrong
open_tutor(model=object())  # wrong
open_tutor(embedder=ScriptedModel([]))  # wrong
with open_tutor() as professor:
    professor.turn(1)  # wrong
    for event in professor.turn("Hello"):
        if isinstance(event, events.TurnFinished):
            event.anser  # wrong
with open_memory() as memory:
    numbers: list[int] = memory.search("Hello")  # wrong
    memory.search("Hello", where="nowhere")  # wrong
"""


def run(*command: str | Path, cwd: Path, fails: bool = False) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert bool(done.returncode) == fails, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(folder: Path) -> tuple[Path, Path]:
    """Make an environment that borrows every package but ours; gives its Python and where its packages are."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=ROOT).strip())
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python, site


@pytest.fixture(scope="module", params=["wheel", "strict", "make"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the Python of each way to install that the documentation names."""
    if request.param == "make":
        if not list(ROOT.glob(".venv/.ready-dev-*")) or not Path(sys.prefix).is_relative_to(ROOT):
            pytest.skip("this environment was not made by make")
        return Path(sys.executable)
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(ROOT, folder / "source", ignore=NOT_COPIED)
    python, site = environment(folder / "environment")
    if request.param == "wheel":
        run(
            sys.executable,
            *PIP,
            "wheel",
            "--no-build-isolation",
            "--no-deps",
            "-w",
            folder,
            "./source",
            cwd=folder,
        )
        (built,) = folder.glob("*.whl")
        with zipfile.ZipFile(built) as wheel:
            wheel.extractall(site)
    else:
        strict = ("--config-settings", "editable_mode=strict", "-e", "./source")
        run(python, *PIP, "install", "--no-index", "--no-deps", "--no-build-isolation", *strict, cwd=folder)
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of other packages, which are the same for every install."""
    return tmp_path_factory.mktemp("mypy")


def pyright(python: Path, project: Path, *, fails: bool = False) -> set[int]:
    """Check a project with pyright; gives the lines with errors."""
    checker = (sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", python)
    report = json.loads(run(*checker, project, cwd=project, fails=fails))
    found = [one for one in report["generalDiagnostics"] if one["severity"] == "error"]
    return {one["range"]["start"]["line"] + 1 for one in found}


def mypy(python: Path, project: Path, cache: Path, *, fails: bool = False) -> set[int]:
    """Check a project with mypy; gives the lines with errors."""
    checker = (sys.executable, "-m", "mypy", "--cache-dir", cache, "--python-executable", python)
    report = run(*checker, ".", cwd=project, fails=fails)
    return {int(line.split(":")[1]) for line in report.splitlines() if ": error: " in line}


def test_type_checkers_find_the_package_and_its_mistaken_uses(
    python: Path, project: Path, cache: Path
) -> None:
    assert pyright(python, project) == mypy(python, project, cache) == set()
    (project / "mistakes.py").write_text(MISTAKES, encoding="utf-8")
    wrong = {number for number, line in enumerate(MISTAKES.splitlines(), 1) if line.endswith("# wrong")}
    assert mypy(python, project, cache, fails=True) == wrong
    assert pyright(python, project, fails=True) >= wrong


def test_the_example_runs(project: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEHOURS_MODEL", "study")
    shown = run(sys.executable, "app.py", "What is 6 * 7?", cwd=project)
    assert shown.startswith("2 copies_left\nWhat is 6 * 7?")
    assert "42" in shown
    assert "Linear Algebra stands on the third shelf." in shown
