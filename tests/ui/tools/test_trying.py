from __future__ import annotations

from pathlib import Path

import pytest

from officehours.ui.tools import trying


def test_without_pytest_the_way_to_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_voice.py").write_text("raise SystemExit\n", encoding="utf-8")
    monkeypatch.setattr(trying, "find_spec", lambda _name: None)
    tried = trying.Tried("voice")
    trying.run_tests(tried, tmp_path)
    assert tried.ok
    assert "pip install pytest" in tried.tests
