from __future__ import annotations

from officehours.agent.greeting import welcome_back
from officehours.memory import students
from tutors import MovableClock, say, scripted, tutor


def test_a_student_is_spoken_to_in_the_language_of_their_first_words(own_home, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    model, clock = scripted(["네."]), MovableClock()
    with tutor(own_home, model, clock=clock, language=None) as professor:
        assert professor.state.language == "en"
        say(professor, "역전파가 헷갈려요.")
        assert professor.state.language == "ko"
        assert model.requests[0].messages[0].content == professor.state.conversation.view.system
        assert "김용담 교수입니다" in model.requests[0].messages[0].content
    clock.forward(days=7)
    with tutor(own_home, scripted(["네."]), clock=clock, language=None) as professor:
        assert "7일 전" in welcome_back(professor.state.runtime, professor.state.conversation.session)
        say(professor, "What is ReLU?")
        assert students.get(professor.state.db, "me").language == "ko"


def test_a_language_that_was_chosen_stays(own_home):
    with tutor(own_home, scripted(["Yes."]), language="en") as professor:
        say(professor, "역전파가 헷갈려요.")
        assert professor.state.language == "en"
