"""A model of one's own."""

from __future__ import annotations

from collections.abc import Generator

from officehours import ModelProfile, models


class Echo:
    """Says back what the student said."""

    @property
    def profile(self) -> ModelProfile:
        return ModelProfile("echo", "mine", local=True)

    def stream(self, request: models.Request) -> Generator[models.Chunk]:
        last: models.Message = request.messages[-1]
        yield models.TextDelta(last.content)
        yield models.Finished("stop", models.Usage(output_tokens=len(last.content.split())))
