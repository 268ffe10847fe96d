"""No variable that the program or its libraries read makes a traceback, whatever stands in it."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from program import Ended, officehours, started_anew

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its environment has other names")

NASTY = [
    *(
        "",
        " ",
        "x",
        "\r",
        "0",
        "-1",
        "1e999",
        "nan",
        "true",
        "한글 🎓",
        "%s%n{}",
        "../..",
        "/dev/null/x",
        "/proc/x",
    ),
    *(
        "\x1b[31m",
        "\udcff",
        "a\nb",
        '"',
        "'x'",
        "\ufeff",
        "a" * 5_000,
        "~nobody-of-that-name/x",
        "*",
        ",",
        "://",
    ),
]

ADDRESSES = [
    *(
        "http://",
        "http//x",
        "localhost:1234",
        "http://[::1",
        "http://127.0.0.1:abc",
        "http://127.0.0.1:99999",
    ),
    *(
        "http://127.0.0.1:9/v1\r",
        "http://user:pass@127.0.0.1:9",
        "http://127.0.0.1:9/v1?x#y",
        "ftp://127.0.0.1",
    ),
    *(
        "socks5://127.0.0.1:9",
        "socks4://127.0.0.1:9",
        "http://한글",
        "http://a b",
        "127.0.0.1:9",
        "http://a..b",
    ),
]
PATHS = ["missing/file", ".", "/dev/null", "/etc/hostname"]

TABLE: list[tuple[str, list[str]]] = [
    (
        "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY DDGS_PROXY http_proxy https_proxy all_proxy no_proxy",
        ADDRESSES,
    ),
    ("OPENAI_BASE_URL OFFICEHOURS_CHROMA_URL HF_ENDPOINT", ADDRESSES),
    ("CHROMA_OTEL_COLLECTION_ENDPOINT OTEL_ATTRIBUTE_COUNT_LIMIT", ADDRESSES),
    ("SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE REQUESTS_CA_BUNDLE OPENSSL_CONF", PATHS),
    ("HOME TMPDIR XDG_DATA_HOME XDG_CACHE_HOME HF_HOME", PATHS),
    ("OPENAI_API_KEY OPENAI_ORG_ID OPENAI_PROJECT_ID OPENAI_ADMIN_KEY", ["sk-a\r", "sk a"]),
    ("OPENAI_CUSTOM_HEADERS OPENAI_LOG", ["a b: c", "A: 한글", "A: b\rc", "debug"]),
    ("GROQ_API_KEY OLLAMA_CONTEXT_LENGTH OFFICEHOURS_WINDOW", ["8k", "٨١٩٢", "9" * 5_000]),
    ("OFFICEHOURS_MODEL", ["study\r", "openai:", "groq:x", "ollama:x", "nobody:x", ":"]),
    (
        "OFFICEHOURS_EMBEDDER",
        ["hashing-0", "hashing-999999999", "http://127.0.0.1:9#m", "http://[::1#m", "./x"],
    ),
    ("OFFICEHOURS_DATABASE_URL", ["sqlite://", ":memory:", "mysql://x", "x.db\r", "/proc/x.db"]),
    (
        "OFFICEHOURS_DATABASE_URL",
        ["postgresql://h:abc/x", "postgresql://127.0.0.1:9/x?bogus=1", "postgres://[::1/x"],
    ),
    (
        "OFFICEHOURS_NOW",
        ["2026", "0001-01-01", "9999-12-31T23:59:59Z", "2026-11-21\r", "tomorrow", "1600-01-01"],
    ),
    ("OFFICEHOURS_HOME", ["relative", "a?b#c%20", "/proc/x", "x" * 300]),
    ("TZ", ["KST-9", ":/etc/localtime", "FAR-100", "Mars/Olympus", "America", ":"]),
    ("LANG LC_ALL LANGUAGE", ["C", "POSIX", "ko_KR.EUC-KR", "xx_YY"]),
    ("COLUMNS LINES TERM NO_COLOR FORCE_COLOR TTY_COMPATIBLE", ["dumb", "abc", "1"]),
    ("CHROMA_SERVER_HTTP_PORT CHROMA_API_IMPL IS_PERSISTENT ALLOW_RESET CHROMA_SERVER_NOFILE", ["abc"]),
    ("TOKENIZERS_PARALLELISM OMP_NUM_THREADS OMP_WAIT_POLICY HF_HUB_OFFLINE", ["maybe"]),
]

VARIABLES = {
    name: [v for names, values in TABLE if name in names.split() for v in values]
    for names, _ in TABLE
    for name in names.split()
}

COMMANDS: list[tuple[tuple[str, ...], str]] = [
    (("ask", "내일 시험 봐요", "--json"), ""),
    (("config", "show", "--json"), ""),
    (("chat",), "What is ReLU?\n\ud55c글\n"),
    (("doctor", "--json"), ""),
]


def said_in_a_sentence(done: Ended, arguments: tuple[str, ...]) -> None:
    assert done.code in {0, 1, 2, 3, 4, 5}
    assert "Traceback" not in done.out + done.err
    assert "went wrong in the program" not in done.out + done.err
    assert "프로그램 오류" not in done.out + done.err
    if "--json" in arguments:
        json.loads(done.out)


def nasty(number: int) -> dict[str, str]:
    dice = random.Random(number)
    names = dice.sample(sorted(VARIABLES), dice.choice([1, 1, 2, 4]))
    return {name: dice.choice(VARIABLES[name] * 2 + NASTY) for name in names}


def fuzz(number: int, home: Path, cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cwd)  # relative paths lead nowhere else
    env = nasty(number)
    arguments, typed = COMMANDS[number % len(COMMANDS)]
    done = officehours(*arguments, home=home, stdin=typed, **env)
    try:
        said_in_a_sentence(done, arguments)
    except (AssertionError, ValueError):
        pytest.fail(f"{arguments} with {env}: {done}")


@pytest.mark.parametrize("number", range(24))
def test_no_environment_makes_a_traceback(
    number: int, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuzz(number, own_home, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(24, 200))
def test_no_environment_of_hundreds_makes_a_traceback(
    number: int, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuzz(number, own_home, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONUTF8": "0", "LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii", "COLUMNS": "0", "TERM": ""},
        {"PYTHONIOENCODING": "cp949", "COLUMNS": "abc", "TERM": "dumb"},
        {"PYTHONIOENCODING": "utf-16", "NO_COLOR": ""},
    ],
)
def test_a_terminal_that_lacks_letters_gets_others(own_home: Path, env: dict[str, str]) -> None:
    arguments = ("ask", "내일 시험 봐요 ✓") if "TERM" in env else ("doctor",)
    said = started_anew(*arguments, home=own_home, encoding=env.get("PYTHONIOENCODING", "ascii"), **env)
    said_in_a_sentence(said, arguments)
    assert said.code == 0
