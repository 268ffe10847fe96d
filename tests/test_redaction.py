"""No key and no password reaches the screen, a JSON document, the log or the store, whoever says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chat_server import ChatServer, Reply, call, refuse, say
from own_tools import say_yes
from program import Ended, officehours

FAMILY = "sk-" + "proj-aB3dE5fG7hJ9kL1mN3pQ5rS7"
ODD = "kx{9}%s\\7-Qq"
OTHERS = "local-9Tq4Wz7Bn2"
KEYS = (FAMILY, ODD, OTHERS)
PASSWORD = "Ap%40ricot9"


def everywhere(home: Path, done: Ended) -> str:
    """Give all that was printed and all that lies in the home."""
    kept = (file.read_bytes().decode("utf-8", "replace") for file in home.rglob("*") if file.is_file())
    return "\n".join([done.out, done.err, *kept])


ERRORS: dict[str, Callable[[str], Reply]] = {
    "401": lambda key: refuse(401, f"Incorrect API key provided: {key}. See your account."),
    "400": lambda key: refuse(400, f"bad request with Authorization: Bearer {key}"),
    "500": lambda key: refuse(500, f"upstream said: key={key} is unknown"),
    "plain": lambda key: Reply(status=403, body=f"<p>no access for {key}</p>", content_type="text/html"),
}
FACES = {
    "text": ["ask", "hello there"],
    "json": ["ask", "hello there", "--json"],
    "ndjson": ["ask", "hello there", "--ndjson"],
    "pipe": ["chat"],
}


@pytest.mark.parametrize("face", sorted(FACES))
@pytest.mark.parametrize("error", sorted(ERRORS))
def test_a_key_that_a_server_echoes_is_nowhere(own_home: Path, face: str, error: str) -> None:
    answer = ERRORS[error](", ".join(KEYS))
    with ChatServer(lambda _: answer) as server:
        env = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": ODD, "OTHER_API_KEY": OTHERS}
        done = officehours(*FACES[face], home=own_home, stdin="hello there\n", OFFICEHOURS_MODEL="m", **env)
    assert done.code != 0
    told = everywhere(own_home, done)
    for key in KEYS:
        assert key not in told
        assert key.replace("\\", "\\\\") not in told


def test_a_key_that_a_tool_says_is_nowhere(own_home: Path) -> None:
    key = FAMILY
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "leak.py").write_text(
        "from officehours import tool\n\n@tool\ndef leak(word: str) -> str:\n"
        f'    """Leaks.\n\n    Args:\n        word: any\n    """\n    raise ValueError("the key " + "{key}" + " is wrong")\n',
        encoding="utf-8",
    )
    (own_home / "tools" / "broken.py").write_text(
        f'raise ValueError("{key[:9]}" "{key[9:]}")\n', encoding="utf-8"
    )
    say_yes(own_home / "tools")
    for form in ("--json", "--ndjson"):
        with ChatServer([call("leak", word=key), say("It failed.")]) as server:
            done = officehours(
                "ask", "leak it", form, home=own_home, OPENAI_BASE_URL=server.url, OFFICEHOURS_MODEL="m"
            )
        told = "\n".join(
            [done.out, done.err]
            + [
                f.read_bytes().decode("utf-8", "replace")
                for f in own_home.rglob("*")
                if f.is_file() and "tools" not in f.parts
            ]
        )
        assert key not in told


ADDRESSES = {
    "OFFICEHOURS_DATABASE_URL": f"postgresql+psycopg://minji:{PASSWORD}@127.0.0.1:9/hours",
    "OFFICEHOURS_CHROMA_URL": f"http://minji:{PASSWORD}@127.0.0.1:9",
    "OPENAI_BASE_URL": f"http://minji:{PASSWORD}@127.0.0.1:9/v1",
}
ASKED = [["config", "show"], ["config", "show", "--json"], ["doctor"], ["doctor", "--json"], ["db", "status"],
         ["db", "status", "--json"], ["ask", "hello", "--json"], ["ask", "hello"], ["memory", "show"]]  # fmt: skip


@pytest.mark.parametrize("variable", sorted(ADDRESSES))
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_a_password_in_an_address_is_shown_nowhere(own_home: Path, variable: str, asked: list[str]) -> None:
    done = officehours(*asked, home=own_home, OFFICEHOURS_MODEL="m", **{variable: ADDRESSES[variable]})
    assert PASSWORD not in everywhere(own_home, done)
    assert "Ap@ricot9" not in everywhere(own_home, done)


def test_a_password_in_the_address_of_a_move_is_shown_nowhere(own_home: Path) -> None:
    officehours("memory", "add", "x", home=own_home)
    done = officehours("db", "move", ADDRESSES["OFFICEHOURS_DATABASE_URL"], home=own_home)
    assert PASSWORD not in everywhere(own_home, done)
