from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from packages import NOT_COPIED, ROOT, run

pytestmark = pytest.mark.checkout

CODE_FOLDERS = ("agent", "memory", "persona", "tools", "ui")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, so that nothing a former build left behind gets into it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT, source, ignore=NOT_COPIED)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", folder, source, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    return target


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder whose own modules bear our folders' names, and raise when they are imported."""
    folder = tmp_path / "hostile"
    for name in (*CODE_FOLDERS, "bench", "docs", "examples", "tests"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise SystemExit('hostile {name}')\n", encoding="utf-8")
    for name in ("cli", "conftest"):
        (folder / f"{name}.py").write_text(f"raise SystemExit('hostile {name}')\n", encoding="utf-8")
    return folder


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_installs_one_name_and_its_metadata(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert sorted(tops) == ["officehours", "officehours-0.1.0.dist-info"]


def test_wheel_holds_every_module_and_data_file_of_the_package(wheel: Path) -> None:
    sources = {ROOT / name for name in ("__init__.py", "cli.py", "testing.py", "py.typed")}
    for folder in CODE_FOLDERS:
        sources |= {
            path
            for path in (ROOT / folder).rglob("*")
            if path.suffix in {".py", ".md", ".mako", ".toml", ".txt", ".npz"}
        }
    expected = {f"officehours/{path.relative_to(ROOT).as_posix()}" for path in sources}
    found = {name for name in names_in(wheel) if name.startswith("officehours/")}
    assert found == expected


def test_wheel_holds_the_professors_and_the_migrations(wheel: Path) -> None:
    found = names_in(wheel)
    assert any(name.startswith("officehours/persona/professors/") and name.endswith(".md") for name in found)
    assert "officehours/memory/store/migrations/env.py" in found
    assert any(name.startswith("officehours/memory/store/migrations/versions/0") for name in found)


def test_installed_program_runs_where_its_folders_names_are_taken(installed: Path, hostile: Path) -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(1, {str(installed)!r})\n"
        "import officehours, officehours.agent, officehours.cli, officehours.memory, officehours.tools\n"
        f"assert officehours.__file__.startswith({str(installed)!r}), officehours.__file__\n"
        "sys.argv = ['officehours', '--help']\n"
        "officehours.cli.main()\n"
    )
    # With -c the working directory comes first on sys.path: the hostile modules are what `import tools` finds.
    probe = "import importlib.util as u; print(u.find_spec('tools').origin)"
    assert str(hostile) in run(sys.executable, "-c", probe, cwd=hostile).stdout
    shown = run(sys.executable, "-c", program, cwd=hostile, OFFICEHOURS_HOME=str(hostile / "home"))
    assert "chat" in shown.stdout
    assert "hostile" not in shown.stdout + shown.stderr


def test_console_script_starts_the_installed_program(installed: Path, hostile: Path) -> None:
    script = installed / "bin" / "officehours"
    shown = run(
        script, "--help", cwd=hostile, PYTHONPATH=str(installed), OFFICEHOURS_HOME=str(hostile / "home")
    )
    assert "chat" in shown.stdout
    assert "hostile" not in shown.stdout + shown.stderr


def test_version_of_the_wheel_is_the_package_version(installed: Path, hostile: Path) -> None:
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
        "from importlib.metadata import distribution\n"
        "import officehours\n"
        "meta = distribution('officehours').metadata\n"
        "print(meta['Version'] == officehours.__version__, meta['License-Expression'])\n"
    )
    assert run(sys.executable, "-c", program, cwd=hostile).stdout.split() == ["True", "MIT"]
