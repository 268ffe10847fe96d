"""What a warm chat holds in memory: embedder, index and, for Korean, the morpheme analyser loaded.

    python -m officehours.bench warm

In a home of its own the sample course is taken in with its vectors; then a chat on a pipe, as a student of each language
starts it, answers a greeting, a question about the course and a statement, with the study model. The memory is the
process's resident set once the answers are there and it has been idle for a few seconds.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from ._figures import Figure, megabytes, parser, show
from .startup import PROGRAM, environment

COURSE = Path(__file__).parent.parent / "examples" / "ai-basics"
LINES = {
    "ko": ("안녕하세요", "LoRA가 뭐예요?", "다음 주 화요일에 시험 봐요"),
    "en": ("hello", "what is LoRA?", "my exam is next Tuesday"),
}
LAST = "12 x 12"
ANSWER = b"144"
"""What the last line is answered with, and no other."""

IDLE = 5.0
"""Seconds that pass after the last answer."""


def main() -> None:
    """Measure and print."""
    given = parser(__doc__).parse_args()
    figures = [Figure(f"warm chat, {language}", _warm(language), "MB", "at most 380") for language in LINES]
    show(figures, as_json=given.json)


def _warm(language: str) -> float:
    """Hold a chat and give the megabytes that its process then holds."""
    with tempfile.TemporaryDirectory() as home:
        environ = environment(Path(home))
        Path(home, "config.toml").write_text(f'student = "mina"\nlanguage = "{language}"\n', encoding="utf-8")
        subprocess.run(
            [*PROGRAM, "ingest", str(COURSE), "--wait"], env=environ, check=True, capture_output=True
        )
        chat = subprocess.Popen(
            [*PROGRAM, "chat"],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert chat.stdin is not None
        assert chat.stdout is not None
        with chat:
            chat.stdin.write("".join(f"{line}\n" for line in (*LINES[language], LAST)).encode())
            chat.stdin.flush()
            while ANSWER not in (line := chat.stdout.readline()):
                if not line:
                    raise SystemExit("the chat ended before it answered")
            time.sleep(IDLE)
            return megabytes(chat.pid)


if __name__ == "__main__":
    main()
