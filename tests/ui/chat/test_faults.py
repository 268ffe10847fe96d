"""Whatever fails in a turn is told in a sentence, the message is kept, and the next turn works."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from officehours.agent.events import TextDelta
from officehours.agent.loop import Agent
from officehours.agent.models.testing.scripted import ScriptedCall, ScriptedModel
from officehours.agent.turn_store import TurnStore
from officehours.memory.embedding.store_embedder import StoreEmbedder
from officehours.memory.errors import StoreBusy
from officehours.memory.recall import Sessions
from officehours.memory.search import HybridSearch
from officehours.tools.registry import Registry
from officehours.ui import ask as asking
from officehours.ui import main as edge
from officehours.ui.chat import pipe
from officehours.ui.chat.repl import Chat
from officehours.ui.terminal.rendering import Renderer
from officehours.ui.terminal.say import prefs
from tutors import scripted, spoken, tutor

KEY = "sk-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7"
KAPUTT = f"kaputt {KEY} \x1b[2J {{}} %s"
ASKED, NEXT = "What is ReLU?", "And now?"

Patch = pytest.MonkeyPatch
Break = Callable[[Patch, Exception], None]


def breaks(owner: Any, name: str, when: Callable[..., bool] = lambda *_: True) -> Break:
    """Have a function fail."""

    def install(patch: Patch, error: Exception) -> None:
        whole = getattr(owner, name)

        def failing(*args: Any, **values: Any) -> Any:
            if when(*args):
                raise type(error)(*error.args)  # anew: an error holds on to the frames it went through
            return whole(*args, **values)

        patch.setattr(owner, name, failing)

    return install


def breaks_midway(patch: Patch, error: Exception) -> None:
    whole = ScriptedModel.stream

    def failing(self: ScriptedModel, request: Any) -> Any:
        yield next(whole(self, request))
        raise type(error)(*error.args)

    patch.setattr(ScriptedModel, "stream", failing)


SEAMS: dict[str, Break] = {
    "the model, at once": breaks(ScriptedModel, "stream"),
    "the model, midway": breaks_midway,
    "a tool of ours": breaks(Registry, "run"),
    "searching": breaks(HybridSearch, "search"),
    "embedding": breaks(StoreEmbedder, "begin"),
    "storing the message": breaks(Sessions, "begin_turn"),
    "beginning the turn": breaks(TurnStore, "begin_turn"),
    "storing the note": breaks(TurnStore, "attach_note"),
    "storing the reply": breaks(TurnStore, "save_reply"),
    "storing anything more": breaks(Sessions, "append"),
    "storing a result": breaks(TurnStore, "save_result"),
    "ending the turn": breaks(TurnStore, "close_turn"),
    "drawing words": breaks(Renderer, "_show", lambda _self, event, _printer: isinstance(event, TextDelta)),
    "drawing at all": breaks(Renderer, "_show"),
}
ERRORS = [
    RuntimeError(KAPUTT),
    RecursionError(KAPUTT),
    MemoryError(KAPUTT),
    UnicodeEncodeError("utf-8", "x", 0, 1, KAPUTT),
    StoreBusy(KAPUTT),
    OSError(28, KAPUTT),
]


def script(request: Any) -> Any:
    """Calculate once, then answer."""
    if request.messages[-1].role == "tool":
        return "It is four."
    return ["Let me see.", ScriptedCall("calculate", {"expression": "2+2"})]


@pytest.fixture(autouse=True)
def english(monkeypatch: Patch) -> None:
    monkeypatch.setattr(prefs, "known", "en")
    monkeypatch.setattr(prefs, "form", "text")


def told_well(home: Path, shown: str, error: Exception) -> None:
    """Whatever was printed is a sentence, and the log has what it refers to."""
    assert "Traceback" not in shown
    assert KEY not in shown
    assert "\x1b[2J" not in shown
    reference = re.search(r"under ([0-9a-f]{6})", shown)
    if reference:
        log = (home / "logs" / "error.log").read_text(encoding="utf-8")
        assert reference[1] in log
        assert "Traceback" in log
        assert "kaputt" in log
        assert KEY not in log
    else:
        assert isinstance(error, StoreBusy)
        assert "kaputt" in shown


CASES = [(seam, ERRORS[0]) for seam in SEAMS] + [
    (seam, error)
    for seam in ("the model, midway", "storing the reply", "drawing words", "beginning the turn")
    for error in ERRORS[1:]
]


@pytest.mark.parametrize(
    ("seam", "error"), CASES, ids=lambda value: value if isinstance(value, str) else type(value).__name__
)
def test_the_chat_goes_on(own_home: Path, capsys: Any, seam: str, error: Exception) -> None:
    with tutor(own_home, scripted(script)) as professor:
        chat = Chat(professor, Renderer.of(professor))
        with pytest.MonkeyPatch.context() as patch:
            SEAMS[seam](patch, error)
            chat._take(ASKED)
        shown = capsys.readouterr()
        told_well(own_home, shown.err, error)
        assert ASKED in spoken(professor) or chat._unsent == ASKED
        unsent = chat._unsent
        chat._take("" if unsent else NEXT)
        assert "It is four." in capsys.readouterr().out
        assert spoken(professor)[-1] == (unsent or NEXT)
        chat._take("One more?")
        assert "It is four." in capsys.readouterr().out


@pytest.mark.parametrize("seam", sorted(SEAMS))
def test_a_pipe_answers_the_lines_that_remain(
    own_home: Path, capsys: Any, monkeypatch: Patch, seam: str
) -> None:
    with tutor(own_home, scripted(script)) as professor:
        turns: list[str] = []
        whole = Agent.turn

        def turn(self: Agent, text: str, **options: Any) -> Any:
            turns.append(text)
            if len(turns) > 1:
                patch.undo()
            return whole(self, text, **options)

        monkeypatch.setattr(Agent, "turn", turn)
        monkeypatch.setattr(pipe, "open_tutor", lambda *_, **__: professor)
        with pytest.MonkeyPatch.context() as patch:
            SEAMS[seam](patch, ERRORS[0])
            code = pipe.chat_through_pipe(
                io.BytesIO(f"{ASKED}\n{NEXT}\n".encode()), None, persona=None, model=None, session="latest"
            )
    assert code == 1
    assert turns == [ASKED, NEXT]
    shown = capsys.readouterr()
    told_well(own_home, shown.err, ERRORS[0])
    assert "It is four." in shown.out


@pytest.mark.parametrize("error", ERRORS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    "seam", ["the model, at once", "storing the message", "storing the reply", "searching", "ending the turn"]
)
def test_ask_json_is_one_document_that_says_so(
    own_home: Path, capsys: Any, monkeypatch: Patch, seam: str, error: Exception
) -> None:
    with tutor(own_home, scripted(script)) as professor:
        monkeypatch.setattr(asking, "open_tutor", lambda *_, **__: professor)
        monkeypatch.setattr(asking, "keep_stdout", lambda: None)  # pytest's own stdout has no file behind it
        monkeypatch.setattr(prefs, "form", "json")
        SEAMS[seam](monkeypatch, error)
        codes: list[int] = []

        def program() -> None:
            codes.append(asking.ask(ASKED, student=None, model=None, search="never", deep=False, form="json"))

        code = edge.run(program) or codes[0]
    shown = capsys.readouterr()
    document = json.loads(shown.out)
    if seam == "searching" and isinstance(error, StoreBusy):  # a search that must wait is done without
        assert (code, document["answer"][-11:]) == (0, "It is four.")
        return
    assert document["error"]["exit_code"] == code == (5 if "Store" in document["error"]["kind"] else 1)
    assert document["error"]["kind"] in {"Bug", "StoreBusy", "StoreFull"}
    if document["error"]["kind"] != "StoreFull":
        told_well(own_home, shown.out, error)
        told_well(own_home, shown.err, error)
