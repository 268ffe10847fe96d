from datetime import UTC, datetime
from decimal import Decimal

import pytest

from officehours.agent.settings import load, local_time, system_language, write_values
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
    ],
)
def test_a_mistake_in_the_file_is_named_in_both_languages(tmp_path, text, says):
    with pytest.raises(ConfigError, match=says) as caught:
        load(home_with(tmp_path, text))
    assert str(tmp_path) in caught.value.ko


def test_a_file_that_is_not_utf8_says_so(tmp_path):
    (tmp_path / "config.toml").write_bytes("persona = '김'".encode("cp949"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load({"OFFICEHOURS_HOME": str(tmp_path)})


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


def test_local_time_is_the_students():
    assert (
        local_time(datetime(2026, 11, 3, 16, tzinfo=UTC), "Asia/Seoul").isoformat()
        == "2026-11-04T01:00:00+09:00"
    )
