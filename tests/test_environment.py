"""The environment as it really is: homes of any name, other people's accounts, zones, proxies, certificates."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from program import Ended, officehours

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names and rights are others there")


@pytest.mark.parametrize(
    "zone", ["KST-9", ":/usr/share/zoneinfo/Asia/Seoul", "IST-5:30", "PST8PDT,M3.2.0,M11.1.0"]
)
@pytest.mark.parametrize("words", ["내일 시험 봐요", "My exam is tomorrow"])
def test_tomorrow_is_right_at_half_past_one_in_the_night(own_home: Path, zone: str, words: str) -> None:
    utc = {"KST-9": "20T16:30", "IST-5:30": "20T20:00", "PST8PDT,M3.2.0,M11.1.0": "21T09:30"}.get(
        zone, "20T16:30"
    )
    env = {"TZ": zone, "OFFICEHOURS_NOW": f"2026-11-{utc}:00+00:00"}
    assert officehours("ask", words, home=own_home, **env).code == 0
    (fact,) = officehours("memory", "show", "--json", home=own_home, **env).json["facts"]
    assert "22" in fact["text"]


NAMES = ["pct%20x what?now #1", "한글 집 🎓", "a;b q'uo\"te", "dot."]
MORE_NAMES = [
    *(
        "x%zz",
        "what?now",
        "a#b",
        "a&b=c",
        " blank",
        "new\nline",
        "back\\slash",
        "file:x",
        ":memory:",
        "x" * 200,
    ),
    *("$HOME", "~x", "-x", "[x]", "x@y:z"),
]


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def modes_in(folder: Path) -> dict[str, int]:
    everything = (folder, *folder.rglob("*"))
    return {str(path): path.stat().st_mode & 0o077 for path in everything if path.stat().st_mode & 0o077}


@pytest.mark.parametrize(
    "name", [*NAMES, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE_NAMES)]
)
def test_everything_is_kept_in_the_home_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    elsewhere, around = tmp_path / "elsewhere", tmp_path / "around"
    elsewhere.mkdir()
    around.mkdir()
    monkeypatch.chdir(elsewhere)
    home = around / name
    assert officehours("memory", "add", "the exam is on Friday", home=home).code == 0
    assert officehours("memory", "verify", "--repair", home=home).code == 0
    assert officehours("config", "set", "language", "en", home=home).code == 0
    status = officehours("db", "status", "--json", home=home).json
    assert (status["where"], status["rows"]["archival"]) == (str(home / "officehours.db"), 1)
    backup = tmp_path / "backup.db"
    assert officehours("db", "backup", backup, home=home).code == 0
    assert officehours("db", "restore", backup, home=home).code == 0
    assert {"officehours.db", "config.toml", "index/closed", "index/chroma/chroma.sqlite3"} <= files_in(home)
    assert any("before-restore" in file for file in files_in(home))
    assert [path.name for path in around.iterdir()] == [name]
    assert list(elsewhere.iterdir()) == []
    assert modes_in(home) == {}


def test_a_home_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert officehours("memory", "add", "the exam is on Friday", home=tmp_path / "link").code == 0
    assert "officehours.db" in files_in(tmp_path / "real")
    assert (tmp_path / "link").is_symlink()


def test_a_home_with_a_name_that_no_disk_takes_is_said_so(tmp_path: Path) -> None:
    for home in (tmp_path / ("x" * 300), tmp_path / "/".join(["y" * 200] * 30)):
        said_in_a_sentence(officehours("ask", "hello", home=home))


def said_in_a_sentence(done: Ended) -> None:
    assert done.code in {0, 1, 2, 3, 4, 5}
    assert "Traceback" not in done.out + done.err
    assert "went wrong in the program" not in done.out + done.err
    if done.code:
        assert done.err.strip() or done.out.strip()


# Rights


def test_what_is_kept_is_its_owners_alone(own_home: Path) -> None:
    assert officehours("keys", "set", home=own_home, stdin="sk-test-0123456789abcdef\n").code == 0
    assert officehours("config", "set", "language", "en", home=own_home).code == 0
    officehours("ask", "My exam is tomorrow", home=own_home)
    officehours("memory", "verify", "--repair", home=own_home)
    officehours("persona", "new", "kind", home=own_home)
    assert modes_in(own_home) == {}


def test_a_home_of_an_earlier_version_is_closed_and_what_is_others_stays(own_home: Path) -> None:
    officehours("memory", "add", "the exam is on Friday", home=own_home)
    officehours("memory", "verify", "--repair", home=own_home)
    (own_home / "logs").mkdir()
    (own_home / "logs" / "error.log").touch()
    for path in (own_home, *own_home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    officehours("ask", "hello", home=own_home)
    assert modes_in(own_home) == {}

    for path in (own_home, *own_home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    others = own_home / "thesis.tex"
    others.touch(mode=0o644)
    others.chmod(0o644)
    officehours("ask", "hello", home=own_home)
    assert modes_in(own_home) == {str(own_home): 0o055, str(others): 0o044}


def test_a_linked_configuration_stays_a_link(own_home: Path, tmp_path: Path) -> None:
    own_home.mkdir()
    (tmp_path / "dotfiles.toml").write_text("model = 'study'\n", encoding="utf-8")
    (own_home / "config.toml").symlink_to(tmp_path / "dotfiles.toml")
    assert officehours("config", "set", "language", "en", home=own_home).code == 0
    assert (own_home / "config.toml").is_symlink()
    assert 'language = "en"' in (tmp_path / "dotfiles.toml").read_text(encoding="utf-8")
