from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from program import environment, officehours

pytestmark = pytest.mark.checkout

HEAVY = {
    "chromadb",
    "kiwipiepy",
    "numpy",
    "openai",
    "pygal",
    "sentence_transformers",
    "sympy",
    "torch",
    "transformers",
}
PROBE = """
import json, sys
sys.argv = ["officehours", *{arguments!r}]
from officehours.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})), file=sys.stderr)
"""


def loaded_by(home: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=list(arguments))],
        capture_output=True,
        env=environment(home),
        timeout=300,
        check=True,
    )
    return set(json.loads(done.stderr.decode().splitlines()[-1]))


def test_help_loads_nothing_heavy(own_home: Path) -> None:
    loaded = loaded_by(own_home, "--help")
    assert "typer" in loaded
    assert not loaded & (HEAVY | {"sqlalchemy", "alembic", "pydantic", "rich", "prompt_toolkit", "httpx"})


def test_help_of_a_command_loads_no_more_than_typer_wants(own_home: Path) -> None:
    loaded = loaded_by(own_home, "chat", "--help")
    assert not loaded & (HEAVY | {"sqlalchemy", "alembic", "rich", "prompt_toolkit", "httpx"})


def test_config_show_loads_no_database(own_home: Path) -> None:
    assert not loaded_by(own_home, "config", "show") & (HEAVY | {"sqlalchemy", "alembic"})


def test_sessions_list_loads_no_model_embedder_or_index(own_home: Path) -> None:
    officehours("memory", "add", "something", home=own_home)
    loaded = loaded_by(own_home, "sessions", "list")
    assert "sqlalchemy" in loaded
    assert not loaded & HEAVY


def test_what_a_turn_needs_is_not_loaded_before_the_greeting() -> None:
    program = "import sys, officehours.ui.chat.repl; print('officehours.agent.assemble' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert done.stdout == "False\n"
