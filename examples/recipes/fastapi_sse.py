"""A professor behind a web server: each answer streams to the browser as Server-Sent Events.

    pip install 'fastapi>=0.135' uvicorn
    uvicorn --app-dir examples/recipes fastapi_sse:app
    curl -N 'http://127.0.0.1:8000/students/mina/ask?text=What+is+a+matrix%3F'

The event's name is its type (`text_delta`, `turn_finished`, …), its data its JSON; docs/events.md lists them. Whoever closes
the page stops the reply, and what was said so far is kept. Put your sign-in in front: here everybody is who they say.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from threading import Lock
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

from officehours import Agent, events, open_tutor

professors: dict[str, Agent] = {}
one_at_a_time = Lock()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    yield
    for professor in professors.values():
        professor.close()


app = FastAPI(lifespan=lifespan)


def professor_of(student: str) -> Agent:
    """Each student's professor is opened once and kept: FastAPI calls this in a thread, as it is no `async def`."""
    with one_at_a_time:
        if student not in professors:
            professors[student] = open_tutor(student=student)
        return professors[student]


@app.get("/students/{student}/ask", response_class=EventSourceResponse)
async def ask(
    text: str, professor: Annotated[Agent, Depends(professor_of)]
) -> AsyncIterator[ServerSentEvent]:
    async for event in professor.aturn(text):
        yield ServerSentEvent(event=event.type, data=events.to_json(event))


@app.post("/students/{student}/stop")
def stop(professor: Annotated[Agent, Depends(professor_of)]) -> None:
    professor.stop()


@app.get("/students/{student}/memory")
def search(query: str, professor: Annotated[Agent, Depends(professor_of)]) -> list[dict[str, str]]:
    return [{"id": hit.id, "text": hit.text} for hit in professor.memory.search(query, k=5)]
