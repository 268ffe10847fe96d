from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import grimp
import pytest

import officehours
from officehours import testing as officehours_testing

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parents[1]
CODE = [ROOT / "__init__.py", ROOT / "cli.py", ROOT / "testing.py"] + [
    path for folder in ("agent", "memory", "persona", "tools", "ui") for path in (ROOT / folder).rglob("*.py")
]


def in_fresh_python(program: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True
    )
    return done.stdout.strip()


def test_public_names_are_pinned() -> None:
    assert " ".join(officehours.__all__) == (
        "Agent Embedder Hit Limits Memory Model ModelProfile OfficeHoursError Policy Settings Student Tool ToolContext ToolError "
        "ToolResult ToolRetry __version__ errors events load_settings models open_memory open_tutor tool"
    )
    assert set(officehours.__all__) <= set(dir(officehours))


def declared_homes(file: Path) -> dict[str, str]:
    """Where a type checker finds the names of a file that hands them on late, `module:name`."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("officehours."):
            found |= {alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("door", [officehours, officehours_testing], ids=lambda door: door.__name__)
def test_a_type_checker_and_a_program_get_the_same_names(door: ModuleType) -> None:
    homes = declared_homes(Path(str(door.__file__)))
    assert set(homes) == set(door.__all__) - {"__version__"}
    for name, (home, _, inside) in {name: home.partition(":") for name, home in homes.items()}.items():
        module = import_module(home)
        wanted = getattr(module, inside) if hasattr(module, inside) else import_module(f"{home}.{inside}")
        assert getattr(door, name) is wanted


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="no attribute 'professor'"):
        _ = officehours.professor


def test_importing_the_package_loads_nothing_else(tmp_path: Path) -> None:
    program = (
        "import sys; before = set(sys.modules); import officehours;"
        "print(sorted(m for m in set(sys.modules) - before if m.partition('.')[0] not in sys.stdlib_module_names))"
    )
    assert in_fresh_python(program, tmp_path) == "['officehours']"


def test_the_package_is_this_checkout() -> None:
    assert Path(officehours.__file__).resolve() == ROOT / "__init__.py"


def imported_names(path: Path) -> set[tuple[int, str]]:
    """Return (line, first part of the name) of each absolute import in a file."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {(node.lineno, alias.name.partition(".")[0]) for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add((node.lineno, module.partition(".")[0]))
            case _:
                pass
    return found


def test_our_imports_say_officehours_or_are_relative() -> None:
    taken = {path.name for path in ROOT.iterdir() if path.is_dir()} | {"cli"}
    files = [*CODE, *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")]
    astray = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in files
        for line, name in sorted(imported_names(path))
        if name in taken - {"officehours"}
    ]
    assert astray == []


def test_every_package_that_the_code_imports_is_declared() -> None:
    def normal(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = [
        line
        for extra in ("sentence-transformers", "postgres", "letta")
        for line in project["optional-dependencies"][extra]
    ]
    declared = {normal(re.split(r"[\[<>=!; ]", line)[0]) for line in [*project["dependencies"], *optional]}
    owners = packages_distributions()
    foreign = (
        {name for path in CODE for _, name in imported_names(path)}
        - sys.stdlib_module_names
        - {"officehours"}
    )
    undeclared = {
        name for name in foreign if not {normal(owner) for owner in owners.get(name, [name])} & declared
    }
    assert undeclared == set()


ROOMS = sorted({path.parent for path in CODE if path.name == "__init__.py" and path.parent != ROOT})


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("officehours", cache_dir=None)
    TopologicalSorter(
        {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    ).prepare()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_says_what_it_is_for_and_is_small_enough_to_look_over(room: Path) -> None:
    door = import_module(".".join(("officehours", *room.relative_to(ROOT).parts)))
    assert door.__doc__
    assert len([file for file in room.glob("*.py") if file.name != "__init__.py"]) <= 18
    assert all(getattr(door, name) is not None for name in getattr(door, "__all__", ()))


def test_what_a_door_hands_on_is_taken_from_the_door() -> None:
    doors = {room: set(re.findall(r'"(\w+)"', _all_of(room / "__init__.py"))) for room in ROOMS}
    astray: list[str] = []
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not node.level or node.module is None:
                continue
            file = path.parents[node.level - 1].joinpath(*node.module.split(".")).with_suffix(".py")
            room = file.parent
            if file.exists() and room in doors and room not in path.parents:
                taken = {alias.name for alias in node.names} & doors[room]
                astray += [f"{path.relative_to(ROOT)}:{node.lineno} {name}" for name in sorted(taken)]
    assert astray == []


def _all_of(door: Path) -> str:
    found = re.search(r"^__all__ = \[(.*?)\]", door.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return found[1] if found else ""
