import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from officehours.agent.settings import load, local_time, system_language, system_zone, write_values
from officehours.memory.errors import ConfigError


def home_with(tmp_path, text):
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    return {"OFFICEHOURS_HOME": str(tmp_path)}


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path):
    environ = home_with(
        tmp_path, 'model = "gpt-5-mini"\nembedder = "hashing"\n[limits]\nsteps = 3\nusd = 0.5\n'
    )
    settings = load(environ | {"OFFICEHOURS_MODEL": "study"})
    assert settings.model == "study"
    assert settings.embedder == "hashing"
    assert settings.limits.steps == 3
    assert settings.limits.usd == Decimal("0.5")
    assert settings.search == "auto"
    assert settings.home == tmp_path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('model = "x', "not valid TOML"),
        ("modle = 'x'", "Did you mean `model`"),
        ("window = 12", "1024"),
        ("language = 'fr'", "one of ko, en"),
        ("zone = 'Mars/Olympus'", "IANA"),
        ("[limits]\nstep = 3", "unknown limit 'step'"),
        ("model = 3", "text in quotes"),
        ("krw_rate = -1", "above 0"),
        ("krw_rate_date = 'soon'", "2026-11-21"),
        ("window = 'big'", "1024"),
        ("now = 'yesterday'", "2026-11-21T09"),
        ("[limits]\ndaily_usd = 'many'", "above 0"),
        ("[prices]\nm = 3", "prices.NAME"),
        ("base_url = '127.0.0.1:8000'", "http://"),
        ("base_url = 'http//127.0.0.1:8000'", "http://"),
        ("base_url = 'localhost:1234'", "http://"),
        ("base_url = 'http://127.0.0.1:99999/v1'", "http://"),
        ("base_url = 'http://127.0.0.1:abc/v1'", "http://"),
        ("base_url = 'http://127.0.0.1:0/v1'", "http://"),
        ("base_url = 'http://[::1/v1'", "http://"),
        ("base_url = 'http://'", "http://"),
        ("base_url = 'http://two words/v1'", "http://"),
        ("base_url = 'http://127.0.0.1:1/v1?key=x'", "no \\? and no #"),
        ('base_url = "http://a\\u0007b/v1"', "cannot be seen"),
        ("chroma_url = 'http://[::1'", "http://"),
        ("chroma_url = 'chroma'", "http://"),
        ('model = "a\\nb"', "cannot be seen"),
        ("now = 0001-01-01T00:00:00+09:00", "2026-11-21T09"),
        ("now = '9999-12-31'", "2026-11-21T09"),
        ("window = inf", "1024"),
        ("window = true", "1024"),
        (f"window = {'9' * 5000}", "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
        ("[limits]\nsteps = 0.5", "at least 1"),
        ("[tool_policy]\nsend = 'sometimes'", "always, ask, never"),
        ("tool_policy = 'ask'", "table"),
        ("[limits]\nusd = nan", "above 0"),
        ("zone = 'America'", "IANA"),
        ("model = 'a'\rlanguage = 'ko'", "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named_in_both_languages(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says) as caught:
        load(home_with(tmp_path, text))
    assert str(tmp_path) in caught.value.ko


@pytest.mark.parametrize("encoding", ["cp949", "utf-16"])
def test_a_file_that_is_not_utf8_says_so(tmp_path, encoding):
    (tmp_path / "config.toml").write_bytes("persona = '김'".encode(encoding))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load({"OFFICEHOURS_HOME": str(tmp_path)})


def test_a_file_of_windows_is_read_and_written_as_any_other(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbfmodel = 'a'\r\n\"student\" = 'm'\r\n# one\xe2\x80\xa8line\r\n")
    write_values(path, {"model": "b", "student": "n"})
    settings = load({"OFFICEHOURS_HOME": str(tmp_path)})
    assert (settings.model, settings.student) == ("b", "n")


@pytest.mark.parametrize(
    "before",
    [
        "",
        "model = 'a'\n",
        "tool_policy.send = 'never' # no\n[limits]\nsteps = 3\n",
        "[tool_policy] # mine\nother = 'ask'\n\n[limits]\nsteps = 3\n",
        "[limits]\nsteps = 3\n[tool_policy]\n'send' = 'ask'",
    ],
)
def test_a_key_of_a_table_is_set_where_the_table_stands(tmp_path, before):
    environ = home_with(tmp_path, before)
    was = load(environ)
    write_values(was.config_path, {"tool_policy.send": "always", "student": "mina"})
    now = load(environ)
    assert now.tool_policy == {**was.tool_policy, "send": "always"}
    assert (now.student, now.model, now.limits) == ("mina", was.model, was.limits)
    kept = [line for line in before.splitlines() if "send" not in line]
    assert set(kept) <= set(was.config_path.read_text(encoding="utf-8").splitlines())


def test_a_table_in_one_line_is_left_to_be_edited_by_hand(tmp_path):
    environ = home_with(tmp_path, "tool_policy = {send = 'ask'}\n")
    with pytest.raises(ConfigError, match="by hand") as caught:
        write_values(load(environ).config_path, {"tool_policy.post": "ask"})
    assert "직접" in caught.value.ko
    assert load(environ).tool_policy == {"send": "ask"}


VALUES = {
    "OPENAI_API_KEY": ("api_key", "sk-abc", "sk-abc"),
    "OPENAI_BASE_URL": ("base_url", "http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
    "OFFICEHOURS_MODEL": ("model", "study", "study"),
    "OFFICEHOURS_EMBEDDER": ("embedder", "hashing", "hashing"),
    "OFFICEHOURS_WINDOW": ("window", "8192", 8192),
    "OFFICEHOURS_CHROMA_URL": ("chroma_url", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    "OFFICEHOURS_DATABASE_URL": ("database_url", "/srv/x.db", "/srv/x.db"),
    "OFFICEHOURS_NOW": ("now", "2026-11-21T09:00:00Z", datetime(2026, 11, 21, 9, tzinfo=UTC)),
}


@pytest.mark.parametrize(
    "around", ["{}\r", "{}\n", "{}\r\n", " {} ", "\ufeff{}", "{}\u200b", '"{}"', "'{}'\r", "“{}”"]
)
@pytest.mark.parametrize("variable", VALUES)
def test_what_is_no_part_of_a_value_is_taken_off(tmp_path, variable, around):
    name, told, means = VALUES[variable]
    settings = load({"OFFICEHOURS_HOME": str(tmp_path), variable: around.format(told)})
    assert getattr(settings, name) == means


@pytest.mark.parametrize("nothing", ["", " ", "\r", '""', "\ufeff"])
@pytest.mark.parametrize("variable", VALUES)
def test_a_variable_that_holds_nothing_is_not_set(tmp_path, variable, nothing):
    assert load({"OFFICEHOURS_HOME": str(tmp_path), variable: nothing}) == load(
        {"OFFICEHOURS_HOME": str(tmp_path)}
    )


@pytest.mark.parametrize(
    ("told", "means"),
    [
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("http://127.0.0.1:8000/v1/chat/completions", "http://127.0.0.1:8000/v1"),
        ("http://127.0.0.1:8000/v1/models/", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("HTTP://LOCALHOST:1234/v1", "http://LOCALHOST:1234/v1"),
        ("http://학교.한국/v1", "http://학교.한국/v1"),
    ],
)
def test_an_address_is_brought_into_the_form_that_requests_need(tmp_path, told, means):
    assert load({"OFFICEHOURS_HOME": str(tmp_path), "OPENAI_BASE_URL": told}).base_url == means


def test_a_refusal_names_the_variable_and_keeps_a_password_to_itself(tmp_path):
    home = {"OFFICEHOURS_HOME": str(tmp_path)}
    for variable, value in (("OFFICEHOURS_WINDOW", "x"), ("OPENAI_BASE_URL", "x"), ("OFFICEHOURS_NOW", "x")):
        with pytest.raises(ConfigError, match=variable):
            load(home | {variable: value})
    with pytest.raises(ConfigError, match="OFFICEHOURS_DATABASE_URL") as caught:
        load(home | {"OFFICEHOURS_DATABASE_URL": "postgresql://me:hunter2\a@host/x"})
    assert "hunter2" not in caught.value.en + caught.value.ko


@pytest.mark.parametrize("home", ["~nobody-of-that-name/x", ""])
def test_a_home_of_nobody_is_named(tmp_path, monkeypatch, home):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as where the user has no entry and no HOME
    with pytest.raises(ConfigError, match="OFFICEHOURS_HOME"):
        load({"OFFICEHOURS_HOME": home})


def test_the_key_is_not_shown_when_settings_are_printed(tmp_path):
    settings = load({"OFFICEHOURS_HOME": str(tmp_path), "OPENAI_API_KEY": "sk-very-secret"})
    assert settings.api_key == "sk-very-secret"
    assert "very-secret" not in repr(settings)


def test_a_given_now_starts_the_clock_there_and_it_runs_on(tmp_path):
    settings = load({"OFFICEHOURS_HOME": str(tmp_path), "OFFICEHOURS_NOW": "2026-11-03T09:00:00+09:00"})
    clock = settings.clock()
    first = clock()
    assert first.tzinfo is UTC
    assert (first - datetime(2026, 11, 3, 0, 0, tzinfo=UTC)).total_seconds() < 60
    assert clock() >= first


def test_writing_values_keeps_every_other_line(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# mine\nmodel = "a"\n\n[limits]\nsteps = 3\n', encoding="utf-8")
    write_values(path, {"model": 'b"c', "student": "민수"})
    assert path.read_text(encoding="utf-8").startswith('# mine\nmodel = "b\\"c"\n')
    settings = load({"OFFICEHOURS_HOME": str(tmp_path)})
    assert (settings.model, settings.student, settings.limits.steps) == ('b"c', "민수", 3)


def test_the_language_follows_the_locale():
    assert system_language({"LANG": "ko_KR.UTF-8"}) == "ko"
    assert system_language({"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR"}) == "ko"
    assert system_language({"LANG": "C.UTF-8"}) == "en"


HALF_PAST_ONE = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
"""In Seoul it is the next day already."""


def zones_of(values, tmp_path):
    program = (
        "import os, sys, json, time; from datetime import datetime; from pathlib import Path\n"
        "from officehours.agent.settings import local_time, system_zone\n"
        "when = datetime.fromisoformat(sys.argv[1])\n"
        "for told in json.loads(sys.argv[2]):\n"
        "    os.environ['TZ'] = told\n"
        "    time.tzset()\n"
        "    zone = system_zone(when=when)\n"
        "    print(json.dumps([zone, local_time(when, zone).isoformat()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, HALF_PAST_ONE.isoformat(), json.dumps(values)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        cwd=tmp_path,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(sys.platform == "win32", reason="TZ is not read there")
def test_the_zone_is_where_the_clock_of_this_machine_is(tmp_path):
    right = {
        "Asia/Seoul": ("Asia/Seoul", "2026-11-21T01:30:00+09:00"),
        ":Asia/Seoul": ("Asia/Seoul", "2026-11-21T01:30:00+09:00"),
        ":/usr/share/zoneinfo/Asia/Seoul": ("Asia/Seoul", "2026-11-21T01:30:00+09:00"),
        "/usr/share/zoneinfo/Asia/Seoul": ("Asia/Seoul", "2026-11-21T01:30:00+09:00"),
        "KST-9": ("Etc/GMT-9", "2026-11-21T01:30:00+09:00"),
        "IST-5:30": ("+05:30", "2026-11-20T22:00:00+05:30"),
        "<+0545>-5:45": ("+05:45", "2026-11-20T22:15:00+05:45"),
        "NST3:30": ("-03:30", "2026-11-20T13:00:00-03:30"),
        "XXX0:30": ("-00:30", "2026-11-20T16:00:00-00:30"),
        "EST5EDT,M3.2.0,M11.1.0": ("Etc/GMT+5", "2026-11-20T11:30:00-05:00"),
        "AEST-10AEDT,M10.1.0,M4.1.0/3": ("Etc/GMT-11", "2026-11-21T03:30:00+11:00"),
        "": ("UTC", "2026-11-20T16:30:00+00:00"),
        "nonsense": ("UTC", "2026-11-20T16:30:00+00:00"),
        "Mars/Olympus": ("UTC", "2026-11-20T16:30:00+00:00"),
        "America": ("UTC", "2026-11-20T16:30:00+00:00"),
        "/etc/passwd": ("UTC", "2026-11-20T16:30:00+00:00"),
        "FAR-100": ("UTC", "2026-11-20T16:30:00+00:00"),
    }
    found = zones_of(list(right), tmp_path)
    assert {told: tuple(zone) for told, zone in zip(right, found, strict=True)} == right


def test_a_copy_of_a_zone_is_asked_for_its_offset_and_a_link_for_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "KST-9")  # what the clock goes by
    time.tzset()
    copy, link, far = tmp_path / "copy", tmp_path / "link", tmp_path / "far"
    copy.write_bytes(b"TZif2")
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    far.symlink_to(link)
    zones = [system_zone({}, HALF_PAST_ONE, place) for place in (copy, link, far, tmp_path / "none")]
    assert zones == ["Etc/GMT-9", "Europe/Berlin", "Europe/Berlin", "Etc/GMT-9"]
    monkeypatch.undo()
    time.tzset()


def test_local_time_is_the_students():
    assert (
        local_time(datetime(2026, 11, 3, 16, tzinfo=UTC), "Asia/Seoul").isoformat()
        == "2026-11-04T01:00:00+09:00"
    )
