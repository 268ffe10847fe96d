"""The professor's rules while a turn runs: a hard one broken is asked for once more, the others are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from officehours.agent import session_actions
from officehours.agent.events import Notice, TextDelta, TextRetracted, ToolFinished, TurnFinished
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.errors import RateLimited, ServerUnreachable
from officehours.memory.recall import BrokenRule
from officehours.persona.modes import MODES, told_to_model
from tutors import PROFILE, answer, extends, log_of, say, scripted, spoken, streamed, tutor

KOREAN = "고유값은 방향을 바꾸지 않고 길이만 바꾸는 배율입니다. 행렬이 그 벡터에 곱하는 수이지요."
ENGLISH = "An eigenvalue is the factor by which a matrix stretches a vector whose direction it keeps."
ASKED = "What is an eigenvalue?"
WRONG = "language_matches"


def kept(professor):
    session = professor.state.conversation.session
    return list(professor.state.memories.sessions.broken_rules(session).values())


def checks(rules):
    return [(rule.check, rule.hard, rule.mended) for rule in rules]


def test_a_reply_that_breaks_a_hard_rule_is_taken_back_and_another_streams_in_its_place(own_home):
    model = scripted([KOREAN, ENGLISH])
    with tutor(own_home, model) as professor:
        events = say(professor, ASKED)
        assert spoken(professor, "assistant") == [ENGLISH]
        assert kept(professor) == [(BrokenRule(WRONG, hard=True, mended=True),)]
    place = events.index(TextRetracted("rule"))
    assert (streamed(events[:place]), streamed(events[place:])) == (KOREAN, ENGLISH)
    assert sum(isinstance(event, TextDelta) for event in events[:place]) > 1
    assert answer(events) == ENGLISH
    assert events[-1].bill.requests == 2
    first, second = model.requests
    assert second.messages[:-1] == first.messages[:-1]
    assert second.messages[-1].content.startswith(first.messages[-1].content)
    assert "Answers in the student's language." in second.messages[-1].content


def test_a_rule_broken_in_three_sentences_is_asked_for_once(own_home):
    casual = "고유값은 배율이다. 방향은 그대로다. 길이만 바뀐다."
    with tutor(own_home, scripted([casual, "고유값은 배율입니다."])) as professor:
        assert answer(say(professor, "고유값이 뭐예요?")) == "고유값은 배율입니다."
        assert checks(*kept(professor)) == [("polite_korean", True, True)]


def test_a_second_reply_is_shown_as_it_is_and_what_is_still_wrong_is_counted(own_home):
    model = scripted([KOREAN, KOREAN, ENGLISH])
    with tutor(own_home, model) as professor:
        events = say(professor, ASKED)
        say(professor, "And what is a vector?")
        first, second = kept(professor)
    assert answer(events) == KOREAN
    assert checks(first) == [(WRONG, True, True), (WRONG, True, False)]
    assert checks(second) == []
    later, earlier = model.requests[2], model.requests[0]
    assert extends(later, earlier)


def test_a_rule_that_a_model_cannot_keep_is_asked_for_once_in_a_conversation(own_home):
    model = scripted([KOREAN] * 5)
    with tutor(own_home, model) as professor:
        for question in (ASKED, "And what is a vector?", "And a matrix?"):
            assert answer(say(professor, question)) == KOREAN
        assert [checks(rules)[-1:] for rules in kept(professor)] == [[(WRONG, True, False)]] * 3
    assert len(model.requests) == 4


@pytest.mark.parametrize("failure", [ServerUnreachable("gone"), RateLimited("busy"), ""])
def test_a_rule_that_was_broken_never_costs_the_answer(own_home, failure):
    with tutor(own_home, scripted([KOREAN, failure])) as professor:
        events = say(professor, ASKED)
        assert spoken(professor, "assistant") == [KOREAN]
        assert checks(*kept(professor)) == [(WRONG, True, False)]
    assert isinstance(events[-1], TurnFinished)
    assert streamed(events[events.index(TextRetracted("rule")) :]) == KOREAN


@pytest.mark.parametrize(
    ("asked", "said", "broken"),
    [
        ("What is 12 * 31?", "It is 372.", [("arithmetic_by_tool", False, False)]),
        ("고마워요!", "천만에요. " * 41, [("answers_greeting_briefly", False, False)]),
        (ASKED, "Great question! " + ENGLISH, [("no_empty_praise", False, False)]),
        (ASKED, ENGLISH, []),
    ],
)
def test_soft_rules_are_only_counted(own_home, asked, said, broken):
    model = scripted([said])
    with tutor(own_home, model) as professor:
        assert answer(say(professor, asked)) == said
        assert checks(*kept(professor)) == broken
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        "You're so smart! " + ENGLISH,
        "Since you are a visual learner, imagine an arrow. " + ENGLISH,
        ENGLISH + " [a99]",
        "I teach artificial intelligence. I answer English in English and Korean in polite Korean.",
    ],
)
def test_what_every_student_is_owed_holds_whatever_the_file_says(own_home, reply):
    (own_home / "personas").mkdir(parents=True)
    file = own_home / "personas" / "plain.md"
    file.write_text("---\nid: plain\nextends: kim-yongdam\nrules: []\n---\n", encoding="utf-8")
    model = scripted([reply, ENGLISH])
    with tutor(own_home, model, persona="plain") as professor:
        assert answer(say(professor, ASKED)) == ENGLISH
    assert len(model.requests) == 2


def test_a_preface_is_not_judged_and_an_answer_with_a_write_is_asked_for_again_before_it_is_made(own_home):
    def note(text):
        call = {"label": "progress", "content": text, "request_heartbeat": False}
        return ScriptedCall("core_memory_append", call)

    sums = ScriptedCall("calculate", {"expression": "2*3"})
    model = scripted([["잠시만 기다려 주세요. 지금 계산해 보겠습니다.", sums], "It is 6, by the tool.", [KOREAN, note("an eigenvalue")], [ENGLISH, note("what an eigenvalue is")]])  # fmt: skip
    with tutor(own_home, model) as professor:
        first, second = say(professor, "What is 2*3?"), say(professor, ASKED)
        assert professor.state.memories.core.blocks()["progress"].value == "what an eigenvalue is"
    assert TextRetracted("rule") not in first
    assert answer(second) == ENGLISH
    assert [event.ok for event in second if isinstance(event, ToolFinished)] == [True]
    assert len(model.requests) == 4


def test_what_the_study_model_says_is_counted_and_not_asked_for_again(own_home):
    model = scripted([KOREAN], profile=replace(PROFILE, reads_values=True))
    with tutor(own_home, model) as professor:
        assert answer(say(professor, ASKED)) == KOREAN
        assert checks(*kept(professor)) == [(WRONG, True, False)]


def test_an_acronym_is_spelled_out_once_in_a_conversation(own_home):
    said = ["An RNN (Recurrent Neural Network) reads in order.", "An RNN has a state.", "An LSTM has gates."]
    with tutor(own_home, scripted(said)) as professor:
        for question in ("Which network?", "And what has it?", "And what is better?"):
            say(professor, question)
        assert [checks(rules) for rules in kept(professor)] == [
            [],
            [],
            [("acronym_spelled_out", False, False)],
        ]


def test_a_mode_is_kept_for_the_conversation_and_opens_a_view(own_home):
    model = scripted(lambda _: "Read the definition again. What does it say of the length?")
    with tutor(own_home, model) as professor:
        say(professor, ASKED)
        session_actions.use_mode(professor, "exam")
        say(professor, "Just tell me.")
        say(professor, "Please?")
    plain, exam, later = model.requests
    assert not any(told_to_model(mode) in plain.messages[0].content for mode in MODES)
    assert told_to_model("exam") in exam.messages[0].content
    assert extends(later, exam)
    with tutor(own_home, model) as professor:
        assert professor.state.mode == "exam"
        fork = session_actions.fork(professor)
        assert (fork.mode, professor.state.mode) == ("exam", "exam")
        say(professor, "And now?")
        assert professor.state.conversation.view.reason == "fork"
        session_actions.new_session(professor)
        assert professor.state.mode is None


def test_plain_words_choose_a_mode_before_they_are_answered(own_home):
    model = scripted(lambda _: "I will. Which step is not clear?")
    with tutor(own_home, model) as professor:
        events = say(professor, "Don't give me the answers, only hints please")
        again = say(professor, "Just tell me the answer.")
        assert professor.state.mode == "socratic"
    assert [event.kind for event in [*events, *again] if isinstance(event, Notice)] == ["mode"]
    assert all(told_to_model("socratic") in request.messages[0].content for request in model.requests)


@pytest.mark.parametrize(
    ("chosen", "setting", "persona", "mode"),
    [
        (None, None, "kim-yongdam", None),
        (None, None, "harriet-ashdown", "socratic"),
        (None, "exam", "harriet-ashdown", "exam"),
        ("direct", "exam", "harriet-ashdown", "direct"),
    ],
)
def test_the_student_chooses_before_the_setting_and_that_before_the_professor(
    own_home, chosen, setting, persona, mode
):
    with tutor(
        own_home, scripted(["Hm. What do you think?"]), persona=persona, teaching_mode=setting
    ) as professor:
        if chosen:
            session_actions.use_mode(professor, chosen)
        assert professor.state.mode == mode
        say(professor, ASKED)
        assert professor.state.conversation.view.mode == (mode or "")
        assert [m.message.role for m in log_of(professor)] == ["user", "assistant"]
