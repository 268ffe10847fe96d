from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from packages import NOT_COPIED, ROOT, run
from program import started_anew

pytestmark = [pytest.mark.slow, pytest.mark.checkout]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example from a copy, as its README says, into a folder of its own."""
    source = tmp_path_factory.mktemp("source") / "tool-package"
    shutil.copytree(ROOT / "examples" / "tool-package", source, ignore=NOT_COPIED)
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install")
    run(*pip, "--no-deps", "--no-index", "--no-build-isolation", "--target", target, source, cwd=target)
    return target


def test_an_installed_package_brings_its_tool_and_can_be_switched_off(
    installed: Path, own_home: Path
) -> None:
    def tools(*arguments: str):
        return started_anew("tools", *arguments, home=own_home, PYTHONPATH=str(installed))

    def sources() -> dict[str, str]:
        return {tool["name"]: tool["source"] for tool in tools("list", "--json").json["tools"]}

    assert sources()["convert_gpa"] == "gpa = officehours_gpa:convert_gpa"
    called = tools("call", "convert_gpa", '{"gpa": 3.6, "have": "4.5", "want": "4.0"}')
    assert called.out == "3.60 of 4.5 is 3.20 of 4.0, in proportion\n"
    assert tools("test", "convert_gpa").code == 0
    for name in ("gpa", "convert_gpa"):
        assert tools("disable", name).code == 0
        assert "convert_gpa" not in sources()
        assert tools("enable", name).code == 0
        assert "convert_gpa" in sources()


def test_its_own_tests_pass(installed: Path) -> None:
    tests = ROOT / "examples" / "tool-package" / "tests"
    options = ("-q", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tests), str(tests)],
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
