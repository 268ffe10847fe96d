from officehours.agent.models.study.policy import StudyModel
from officehours.agent.session_actions import fork, retry, undo, use_persona
from tutors import answer, assert_valid, say, scripted, spoken, tutor


def test_undo_and_retry_are_records_and_the_model_sees_neither_the_old_answer(own_home):
    model = scripted(["first answer", "second answer", "third"])
    with tutor(own_home, model) as professor:
        say(professor, "What is a vector?")
        assert answer(retry(professor)) == "second answer"
        assert not any("first answer" in m.content for m in model.requests[1].messages)
        assert undo(professor) == "What is a vector?"
        say(professor, "What is a matrix?")
        state = professor.state
        everything = state.memories.sessions.log(state.conversation.session, include_undone=True)
    assert len(everything) == 6
    assert [m.content.split("\n")[0] for m in model.requests[2].messages[1:]] == ["What is a matrix?"]


def test_undo_and_retry_of_what_an_earlier_program_said(own_home):
    with tutor(own_home, scripted(["first answer", "wrong"])) as professor:
        say(professor, "What is a vector?")
        say(professor, "What is a matrix?")
    model = scripted(["a table of numbers", "ready"])
    with tutor(own_home, model) as professor:
        assert answer(retry(professor)) == "a table of numbers"
    assert [m.content.split("\n")[0] for m in model.requests[0].messages[1:]] == [
        "What is a vector?",
        "first answer",
        "What is a matrix?",
    ]
    with tutor(own_home, model) as professor:
        assert undo(professor) == "What is a matrix?"
    with tutor(own_home, model) as professor:
        assert spoken(professor) == ["What is a vector?"]
        assert answer(say(professor, "Go on.")) == "ready"
        state = professor.state
        everything = state.memories.sessions.log(state.conversation.session, include_undone=True)
    assert [m.message.content for m in everything if m.message.role == "assistant"] == [
        "first answer",
        "wrong",
        "a table of numbers",
        "ready",
    ]
    assert_valid(model.requests[1].messages)


def test_a_fork_of_what_an_earlier_program_said_leaves_the_original_as_it_was(own_home):
    with tutor(own_home, scripted(["one"])) as professor:
        say(professor, "First.")
        original = professor.state.session_id
    model = scripted(["two", "three"])
    with tutor(own_home, model) as professor:
        copy = fork(professor).public_id
    with tutor(own_home, model, session=copy) as professor:
        say(professor, "Second, in the fork.")
        assert spoken(professor) == ["First.", "Second, in the fork."]
    with tutor(own_home, model, session=original) as professor:
        assert spoken(professor) == ["First."]
        assert answer(say(professor, "Second, in the original.")) == "three"
    assert [m.content.split("\n")[0] for m in model.requests[1].messages[1:]] == [
        "First.",
        "one",
        "Second, in the original.",
    ]


def test_a_fork_goes_on_from_the_same_words(own_home):
    model = scripted(["one", "two", "three"])
    with tutor(own_home, model) as professor:
        say(professor, "First.")
        old = professor.state.session_id
        assert fork(professor).public_id != old
        say(professor, "Second, in the fork.")
    assert [m.content.split("\n")[0] for m in model.requests[1].messages[1:]] == [
        "First.",
        "one",
        "Second, in the fork.",
    ]
    assert_valid(model.requests[1].messages)


def test_another_professor_has_the_same_tools_for_the_same_model(own_home):
    with tutor(own_home, StudyModel(), code="ask") as agent:
        before = agent.state.registry.specs()

        use_persona(agent, "harriet-ashdown")

        assert agent.state.registry.specs() == before
