"""How fast the program comes up, against bare Python doing the least it could.

    python -m officehours.bench startup [--runs N]

`--help` is held against `python -c "import typer"`, run in turn with it. The greeting is what a returning student sees
first, in a real pseudo-terminal: from the start of the process until the prompt is there, and the memory it holds
then. No model is called for it.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.types import Message

from ._figures import Figure, megabytes, p50, parser, show

PROGRAM = [sys.executable, "-c", "from officehours.cli import main; main()"]
TYPER = [sys.executable, "-c", "import typer"]
HEAVY = ("openai", "chromadb", "torch", "sqlalchemy")
PROMPT_MARK = b"DoRA"
"""What the brief of a returning student names: the greeting is on the screen when this is."""

DEADLINE = 60.0


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    help_times, typer_times = [], []
    for _ in range(given.runs):
        typer_times.append(_timed(TYPER))
        help_times.append(_timed([*PROGRAM, "--help"]))
    ratio = p50([ours / bare for ours, bare in zip(help_times, typer_times, strict=True)])
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _was_here(home)
        seen = [_greeting(home) for _ in range(given.runs)]
    figures = [
        Figure("--help", 1000 * p50(help_times), "ms"),
        Figure("--help against `import typer`", ratio, "x", "at most 3"),
        Figure(f"of {', '.join(HEAVY)}, --help loads", len(_loaded().split()), "", "none"),
        Figure(
            "greeting of a returning student",
            p50([when for when, _ in seen]),
            "s",
            "at most 0.6 on idle cores",
        ),
        Figure("memory then", max(size for _, size in seen), "MB", "at most 150"),
    ]
    show(figures, as_json=given.json)


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _loaded() -> str:
    code = (
        "import sys\nfrom officehours import cli\ntry: cli.app(['--help'], standalone_mode=False)\nexcept SystemExit: pass\n"
        f"print(*[m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return done.stderr.strip()


def _was_here(home: Path) -> None:
    """Leave a home in which a student asked something eight days ago."""
    (home / "config.toml").write_text(
        'student = "mina"\nlanguage = "ko"\nembedder = "hashing"\n', encoding="utf-8"
    )
    from datetime import UTC, datetime, timedelta

    then = datetime.now(UTC) - timedelta(days=8)
    with open_runtime(
        Settings(home=home, student="mina", language="ko", embedder="hashing", now=then)
    ) as runtime:
        sessions = runtime.memories.sessions
        session = sessions.create("kim-yongdam")
        turn, _ = sessions.begin_turn(session, "DoRA에 대해서 알려 주세요", "Asia/Seoul")
        sessions.append(session, turn, Message("assistant", "DoRA는 가중치를 크기와 방향으로 나눕니다."))
        sessions.finish_turn(turn, "done")


def environment(home: Path) -> dict[str, str]:
    """Give the environment of a student with that home and the study model, whatever is set here."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("OFFICEHOURS_", "OPENAI_"))}
    return keep | {"OFFICEHOURS_HOME": str(home), "OFFICEHOURS_MODEL": "study"}


def _greeting(home: Path) -> tuple[float, float]:
    """Start the chat in a pseudo-terminal; seconds until the brief is seen, and megabytes held then."""
    environ = environment(home) | {"TERM": "xterm-256color"}
    began = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAM[0], [*PROGRAM, "chat"], environ)
    seen = b""
    try:
        while PROMPT_MARK not in seen:
            left = DEADLINE - (time.perf_counter() - began)
            if left < 0 or not select.select([terminal], [], [], left)[0]:
                raise SystemExit(f"no greeting within {DEADLINE:.0f} s; on the screen: {seen[-500:]!r}")
            seen += os.read(terminal, 4096)
            if (
                b"\x1b[6n" in seen
            ):  # prompt_toolkit asks where the cursor is and waits a little for the answer
                os.write(terminal, b"\x1b[1;1R")
                seen = seen.replace(b"\x1b[6n", b"")
        seconds = time.perf_counter() - began
        return seconds, megabytes(child)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


if __name__ == "__main__":
    main()
