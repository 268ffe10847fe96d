"""What is found by its words and not yet by its meaning: embedding it while the person waits, or saying how much it is."""

from __future__ import annotations

from ..agent.api.memory import Memory
from ..agent.runtime import Runtime
from .terminal.progress import counting
from .terminal.say import localized, many


def embed_if_wanted(runtime: Runtime, *, wait: bool) -> int:
    """Embed what waits if the person does, and give how many texts still wait.

    Raises:
        OfficeHoursError: What the embedder says. What was stored stays, and waits on.
    """
    if wait:
        with counting("embedding", "임베딩하는 중") as progress:
            Memory(runtime).embed(progress)
    return Memory(runtime).waiting


def waiting_line(waiting: int) -> str:
    """Say how much waits, and that it goes on by itself."""
    return localized(
        f"{many(waiting, 'text')} can be found by words now and by meaning later: the embedding goes on while you talk.",
        f"글 {waiting:,}개는 지금은 낱말로만 찾습니다. 뜻으로도 찾도록 대화하는 동안 임베딩을 이어 갑니다.",
    )


def closing_line(waiting: int) -> str:
    """End an import or an ingestion: what waits, and how not to wait for it."""
    return f"{waiting_line(waiting)} " + localized(
        "The same command with --wait does it at once.", "같은 명령에 --wait를 붙이면 바로 끝냅니다."
    )
