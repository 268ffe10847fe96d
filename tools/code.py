"""Running a short program of the model's, once the student has seen it and said yes (docs/adr/0089)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..memory.errors import ToolError, ToolRetry
from .base import ToolResult, tool

SECONDS: Final = 10.0
MEMORY: Final = 1024**3
"""Bytes of address space, where the system limits it."""

MOST_WRITTEN: Final = 1024**2
"""Bytes of a file that it may write, what it prints among them."""

SHOWN: Final = 4_000
"""Characters of what it prints that are given back: its beginning and its end."""

KEPT: Final = frozenset({"PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TZ"})
"""What of the environment it sees: no key, and not where the student's memory is."""

_START: Final = """\
import os, sys
try:
    import resource
    for limit, most in ((resource.RLIMIT_AS, {memory}), (resource.RLIMIT_FSIZE, {written}), (resource.RLIMIT_CPU, {seconds})):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))
except ImportError:
    pass
code = sys.stdin.read()
sys.stdin = open(os.devnull)
exec(compile(code, "program.py", "exec"), {{"__name__": "__main__"}})
"""


@tool(effect="outside", asks=True, timeout=SECONDS + 5, told=())
def run_code(code: str) -> ToolResult:
    """Run a Python program; what it prints is the result.

    Args:
        code: The whole program.
    """
    if not code.strip():
        raise ToolRetry("There is no code.", "실행할 코드가 없습니다.")
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed"
        status = _run(code, Path(folder), printed)
        output = _shortened(printed.read_text(encoding="utf-8", errors="replace").strip())
    if status != 0:
        raise ToolRetry(
            f"The program ended with an error ({status}):\n{output or 'it printed nothing'}",
            f"프로그램이 오류로 끝났습니다({status}).",
        )
    if not output:
        raise ToolRetry(
            "The program printed nothing. Print the results.", "프로그램이 아무것도 출력하지 않았습니다."
        )
    return ToolResult(output, extras={"output": output})


def _run(code: str, folder: Path, printed: Path) -> int:
    """Run a program in a folder of its own, and give how it ended; negative, a signal.

    Raises:
        ToolError: It took too long.
    """
    start = _START.format(memory=MEMORY, written=MOST_WRITTEN, seconds=int(SECONDS) + 1)
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    environment |= {"HOME": str(folder), "TMPDIR": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    with printed.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", start],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            program.communicate(code.encode("utf-8", "replace"), timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ToolError(
                f"The program took longer than {SECONDS:g} seconds and was stopped. Make it smaller.",
                f"프로그램이 {SECONDS:g}초를 넘어 멈췄습니다.",
            ) from error
        finally:
            _end(program)
    return program.returncode


def _end(program: subprocess.Popen[bytes]) -> None:
    """End a program and whatever it started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # nothing of it is left
            os.killpg(program.pid, signal.SIGKILL)
    else:
        program.kill()
    program.wait()


def _shortened(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    half = SHOWN // 2
    return f"{text[:half]}\n… ({len(text) - SHOWN:,} characters left out) …\n{text[-half:]}"
