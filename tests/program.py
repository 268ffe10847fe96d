"""Running `officehours` as a person or another program would: a process of its own, on a home of its own.

Python and the packages take two seconds to load, and a suite starts the program hundreds of times. So one process a
test session, the nursery, has them loaded and forks for every start: the program still has its own process, files,
environment and end, and what it does itself is all that a test waits for. Whatever depends on how Python itself starts
(its encodings, what is imported) is `started_anew`.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

COMMAND = (sys.executable, "-c", "from officehours.cli import main; main()")
NURSERY = (sys.executable, "-c", "import program; program.serve()")


@dataclass(frozen=True)
class Ended:
    """How a run ended; nothing of the output is lost to an encoding."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that stdout must hold."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON documents of stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The caller's environment with a home, the hashing embedder, and no model server but a named one."""
    return {**os.environ, "OFFICEHOURS_HOME": str(home), "OFFICEHOURS_EMBEDDER": "hashing"} | {
        "OFFICEHOURS_MODEL": "study",
        "LANG": "en_US.UTF-8",
        "PYTHONUTF8": "1",
        **more,
    }


def officehours(*arguments: str | Path, home: Path, stdin: str | bytes = "", **env: str) -> Ended:
    """Run the program to its end."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("in", "out", "err")]
        files[0].write_bytes(stdin.encode() if isinstance(stdin, str) else stdin)
        child = nursery().start([*map(str, arguments)], environment(home, **env), [str(f) for f in files])
        code = nursery().wait(child)
        return Ended(code, files[1].read_bytes().decode(), files[2].read_bytes().decode())


def started_anew(*arguments: str | Path, home: Path, encoding: str = "utf-8", **env: str) -> Ended:
    """Run the program to its end in a Python of its own; `encoding` is how it was told to write."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(home, **env),
        timeout=300,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))


@cache
def nursery() -> Nursery:
    """Give this test session's nursery, started with the first use."""
    return Nursery()


class Nursery:
    """The process that has everything loaded; it is asked in JSON, a line a question."""

    def __init__(self) -> None:
        here = str(Path(__file__).parent)
        self._process = subprocess.Popen(
            NURSERY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": here, "PYTHONUTF8": "1", "OFFICEHOURS_EMBEDDER": "hashing"},
        )
        atexit.register(self._process.kill)

    def start(self, arguments: list[str], env: dict[str, str], files: list[str]) -> int:
        """Start the program and give its process id.

        Args:
            files: Its stdin, stdout and stderr; one name alone is a terminal, which becomes its own.
        """
        return self._ask({"arguments": arguments, "env": env, "files": files, "cwd": str(Path.cwd())})

    def wait(self, child: int) -> int:
        """Wait for the program's end and give its exit code, as `subprocess` does."""
        return self._ask({"wait": child})

    def _ask(self, question: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def serve() -> None:
    """Be the nursery: load what the program loads, then fork for each question until stdin ends."""
    _load()
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page of what was loaded
    assert threading.active_count() == 1, "a process with threads must not fork"
    for line in sys.stdin:
        question = json.loads(line)
        if "wait" in question:
            answer = os.waitstatus_to_exitcode(os.waitpid(question["wait"], 0)[1])
        else:
            handles = _opened(question["files"])  # before the caller lets go of a terminal
            answer = os.fork()
            if answer == 0:
                _be(question, handles)
            for handle in set(handles):
                os.close(handle)
        print(answer, flush=True)


def _load() -> None:
    import chromadb  # noqa: F401  pyright: ignore[reportUnusedImport]
    import openai  # noqa: F401  pyright: ignore[reportUnusedImport]
    import rich.markdown  # noqa: F401  pyright: ignore[reportUnusedImport]

    from officehours.agent import assemble  # noqa: F401  pyright: ignore[reportUnusedImport]
    from officehours.memory.facts import extract_facts
    from officehours.memory.text import load_korean, mask_secrets
    from officehours.tools.word_problems import expression_in
    from officehours.ui import ask, main  # noqa: F401  pyright: ignore[reportUnusedImport]
    from officehours.ui.memory import importing, search_and_edit, show  # noqa: F401  pyright: ignore[reportUnusedImport]

    load_korean()
    words = "내일 봐요. See you tomorrow."  # the patterns that every turn is read with are compiled here
    extract_facts(words, datetime.now(UTC), "UTC")
    mask_secrets(words)
    expression_in(words)


def _opened(files: list[str]) -> list[int]:
    if len(files) == 1:
        return [os.open(files[0], os.O_RDWR | os.O_NOCTTY)] * 3
    return [os.open(files[0], os.O_RDONLY), *(os.open(name, os.O_WRONLY | os.O_CREAT) for name in files[1:])]


def _be(question: dict[str, Any], handles: list[int]) -> NoReturn:
    """Become the program that was asked for, and end as Python ends it."""
    if os.isatty(handles[0]):
        os.setsid()
        fcntl.ioctl(handles[0], termios.TIOCSCTTY, 0)
    for place, handle in enumerate(handles):
        os.dup2(handle, place)
    for handle in set(handles) - {0, 1, 2}:
        os.close(handle)
    os.environ.clear()
    os.environ.update(question["env"])
    time.tzset()
    os.chdir(question["cwd"])
    random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, place, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(place, mode, encoding="utf-8", errors="surrogateescape" if place == 0 else "strict")  # noqa: SIM115, PTH123
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["officehours", *question["arguments"]]
    code: Any = 1
    try:
        from officehours.cli import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException as error:  # noqa: BLE001  what Python would print
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    os._exit(code or 0)
