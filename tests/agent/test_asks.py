"""What students really ask for waits for nothing, though words of others are in view."""

from __future__ import annotations

import pytest

from asks import REQUESTS
from officehours.agent.events import ToolFinished
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.types import is_untrusted
from orders import LANGUAGES, PAGE, Found, course_text, imported, line, scene
from tutors import say

KNOWN = {
    "en": ("Lives in Mapo\nplays chess on Sundays", "The exam is on December 3.", "Plays the violin."),
    "ko": ("마포에 삶\n일요일마다 체스를 둠", "시험은 12월 3일입니다.", "바이올린을 켭니다."),
}


@pytest.mark.parametrize("language", REQUESTS)
def test_what_is_asked_for_goes_through_with_no_question(own_home, language):
    block, exam, violin = KNOWN[language]
    with scene(own_home, language) as here:
        state = here.professor.state
        state.memories.core.set("student", block)
        here.ids |= {
            "exam": state.memories.archival.insert(exam).id,
            "violin": state.memories.archival.insert(violin).id,
            "question": here.ids["question_id"],
        }
        course_text(here)
        imported(here, line(content=LANGUAGES[language].cover, id="2"))
        here.page, here.found = "A page.", [Found("Found", "https://example.org/found", "A page.")]
        here.order = "import a file"
        here.first = (
            ScriptedCall("web_search", {"query": "x"}),
            ScriptedCall("read_page", {"url": "https://example.org/found"}),
        )
        here.say(here.spoken.ask)
        assert len(here.fetched) == 1
        hindered: list[str] = []
        for said, tool, arguments in REQUESTS[language]:
            made = {name: value.format_map(here.ids) for name, value in arguments.items()}
            replies = iter([ScriptedCall(tool, made), "Done."])
            here.model._script = lambda _request, replies=replies: next(replies)
            [done] = [e for e in say(here.professor, said) if isinstance(e, ToolFinished)]
            if here.asked or not done.ok:
                hindered.append(f"{said} {tool} {made}: {done.output}")
                here.asked.clear()
        assert "\n".join(hindered) == ""
        assert is_untrusted(state.conversation.rendered.trust)


def test_there_are_as_many_as_promised():
    assert sum(map(len, REQUESTS.values())) >= 60
    assert PAGE
