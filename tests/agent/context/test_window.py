import pytest

from officehours.agent.context.budget import TokenMeter
from officehours.agent.context.compaction import OPEN_QUESTION
from officehours.agent.context.recall_first import PRESSURE
from officehours.agent.events import Compacted
from officehours.agent.model import Usage
from officehours.agent.models.study.policy import PROFILE, StudyModel
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.memory.errors import ConnectionDropped, RateLimited
from officehours.memory.transfer import Ingester
from officehours.tools.text import estimate_tokens
from tutors import START, answer, assert_valid, log_of, say, scripted, tutor

FILLER = "and more words about vectors and matrices that fill the window "


def reply(request):
    if not request.tools:
        lines = [line for line in request.messages[-1].content.splitlines() if line.startswith("[m")]
        return "\n".join(f"{line.split()[0]} it was said [m999999]" for line in lines)
    return "An answer " + FILLER * 10


def talk(professor, turns, start=0):
    events = []
    for number in range(start, start + turns):
        events += say(professor, f"Turn {number}: tell me {FILLER * 3}")
    return events


def chats(model):
    return [r for r in model.requests if r.tools]


@pytest.mark.parametrize(("window", "keep", "turns"), [(4_096, 2, 40), (8_192, 6, 60)])
def test_a_long_talk_is_folded_and_the_last_exchanges_stay(own_home, window, keep, turns):
    model = scripted(reply, window=window)
    with tutor(own_home, model) as professor:
        events = talk(professor, turns)
        folds = [e for e in events if isinstance(e, Compacted)]
        assert folds
        assert not any(e.extractive for e in folds)
        stored = [m for m in log_of(professor) if m.message.role == "user"]
        assert len(stored) == turns
    for request in chats(model):
        assert_valid(request.messages)
        size = sum(estimate_tokens(m.content) for m in request.messages)
        assert size <= window - (request.max_output or 0)
        if request.messages[1].content.startswith("<earlier>"):
            assert sum(m.role == "user" for m in request.messages) > keep


def test_the_model_is_warned_once_before_it_happens_and_may_save(own_home):
    model = scripted(reply, window=8_192)
    with tutor(own_home, model) as professor:
        talk(professor, 40)
    first = next(n for n, r in enumerate(chats(model)) if "<earlier>" in r.messages[1].content)
    warned = [n for n, r in enumerate(chats(model)[:first]) if PRESSURE in r.messages[-1].content]
    assert warned == [first - 1]


def test_that_the_model_was_warned_is_kept_with_the_view(own_home):
    from sqlalchemy import select

    from officehours.memory.store.schema import views

    with tutor(own_home, scripted(reply, window=8_192)) as professor:
        while professor.state.conversation.view is None or professor.state.conversation.view.id == 1:
            say(professor, f"Tell me {FILLER * 3}")
        with professor.state.db.read() as connection:
            kept = connection.execute(select(views.c.reason, views.c.pressure).order_by(views.c.id)).all()
    assert kept == [("start", True), ("compaction", False)]


def test_words_that_quote_the_warning_are_no_warning(own_home):
    with tutor(own_home, scripted(lambda _: "I see.")) as professor:
        say(professor, f"The handbook prints {PRESSURE}")
        say(professor, "What does the handbook print on memory pressure?")
        assert not professor.state.context_window.warned()


def test_a_summary_names_only_messages_that_it_was_given(own_home):
    model = scripted(reply, window=8_192)
    with tutor(own_home, model) as professor:
        talk(professor, 40)
        summary = professor.state.conversation.view.summary
    assert "[m" in summary
    assert "m999999" not in summary


def test_the_summary_of_summaries_stays_bounded(own_home):
    model = scripted(reply, window=4_096)
    with tutor(own_home, model) as professor:
        talk(professor, 80)
        budget = professor.state.context_window.budget
        with professor.state.db.read() as connection:
            from sqlalchemy import select

            from officehours.memory.store.schema import views

            summaries = connection.scalars(select(views.c.summary)).all()
    assert len(summaries) > 3
    assert all(estimate_tokens(summary) <= budget.summary / 0.5 for summary in summaries)


def test_where_the_model_cannot_write_a_summary_it_is_extracted(own_home):
    model = scripted(lambda r: reply(r) if r.tools else RateLimited("slow down"), window=8_192)
    with tutor(own_home, model) as professor:
        folds = [e for e in talk(professor, 40) if isinstance(e, Compacted)]
        assert folds
        assert all(e.extractive for e in folds)
        assert "student:" in professor.state.conversation.view.summary


def test_a_question_that_waits_for_an_answer_is_pinned_until_it_has_one(own_home):
    failed = []

    def sometimes(request):
        if request.tools and "sluice" in request.messages[-1].content and not failed:
            failed.append(1)
            return RateLimited("slow down")
        return reply(request)

    model = scripted(sometimes, window=8_192)
    with tutor(own_home, model) as professor:
        say(professor, "What is a sluice gate?")
        talk(professor, 40)
        summary = professor.state.conversation.view.summary
        assert summary.splitlines()[0] == f"[m1] {OPEN_QUESTION} What is a sluice gate?"
        professor.state.memories.questions.answered("m1", log_of(professor)[-1].id)
        talk(professor, 40, start=40)
        assert OPEN_QUESTION not in professor.state.conversation.view.summary


QUIZZES = "# Numbers\n\n## Quiz\n\n" + "\n\n".join(
    f"{n}. How much is {n} times seven?\n> Answer: {n} × 7 = {7 * n}." for n in range(12, 16)
)


def test_the_answer_key_of_a_quiz_outlives_the_folding_of_the_turn_that_brought_it(own_home, tmp_path):
    (tmp_path / "numbers.md").write_text(QUIZZES, encoding="utf-8")
    with tutor(own_home, StudyModel(profile=PROFILE.with_window(8_192))) as professor:
        runtime = professor.state.runtime
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([tmp_path])
        asked = [answer(say(professor, "Quiz me on numbers.")) for _ in range(3)]
        assert all("times seven?" in text and "Answer:" not in text for text in asked)
        conversation = professor.state.conversation
        last = [m for m in conversation.log if m.message.role == "user"][-1]
        conversation.open_view("compaction", summary="[m1] student: asked for a quiz", first_seq=last.seq)
        judged = answer(say(professor, "It is 5."))
        assert "Not quite" in judged
        number = int(asked[-1].partition("much is ")[2].split()[0])
        assert f"How much is {number} times seven?" in judged
        judged = answer(say(professor, f"It is {7 * number}."))
        assert "That is right" in judged
        assert f"{number} × 7 =" in judged


def test_a_tool_exchange_is_never_cut(own_home):
    def with_tools(request):
        if request.tools and request.messages[-1].role == "user":
            return [
                ScriptedCall("calculate", {"expression": "1+1"}),
                ScriptedCall("calculate", {"expression": "2+2"}),
            ]
        return reply(request)

    model = scripted(with_tools, window=4_096)
    with tutor(own_home, model) as professor:
        talk(professor, 40)
    assert any("<earlier>" in r.messages[1].content for r in model.requests)
    for request in chats(model):
        assert_valid(request.messages)


def test_the_bill_holds_what_folding_cost(own_home):
    model = scripted(reply, window=8_192)
    with tutor(own_home, model) as professor:
        folds = [e for e in talk(professor, 40) if isinstance(e, Compacted)]
        from datetime import timedelta

        from officehours.memory.usage import UsageLog

        state = professor.state
        rows = UsageLog(state.db, state.runtime.student.id, state.clock).between(
            START - timedelta(days=4_000), START + timedelta(days=4_000)
        )
    assert [r.purpose for r in rows].count("compaction") == len(folds)
    assert len(rows) == len(model.requests)


def test_the_count_is_calibrated_on_the_provider_and_kept(own_home):
    def twice(request, text):
        return Usage(int(3 * sum(estimate_tokens(m.content) for m in request.messages)), 0, 10)

    model = scripted(lambda _: "yes", usage=twice)
    with tutor(own_home, model) as professor:
        for number in range(4):
            say(professor, f"Turn {number} {FILLER * 10}")
        factor = professor.state.meter.factor
        assert factor > 1.2
    with tutor(own_home, model) as professor:
        state = professor.state
        assert state.meter.factor == pytest.approx(factor)
        assert TokenMeter(state.db, "another-model", state.clock).factor == 1.0


@pytest.mark.parametrize("window", [4_096, 8_192, 32_768, 128_000, 1_000_000])
def test_the_first_request_is_small_in_every_window(own_home, window):
    model = scripted(["Hello."], window=window)
    with tutor(own_home, model, language="ko") as professor:
        for label in ("student", "progress"):
            professor.state.memories.core.set(label, "무" * 100)
        assert answer(say(professor, "안녕하세요 교수님"))
        size = professor.state.conversation.estimate()
    assert size <= 1_500
    if window < 8_000:
        assert len(model.requests[0].tools) == 7


def test_a_server_that_drops_what_it_cannot_hold_is_understood(own_home):
    def drops(request):
        letters = sum(len(m.content) for m in request.messages)
        return ConnectionDropped("closed") if letters > 12_000 else "An answer " + FILLER * 4

    model = scripted(drops, window=8_192, usage=lambda *_: None)
    with tutor(own_home, model) as professor:
        answers = [event for event in talk(professor, 60) if event.type in ("turn_finished", "turn_failed")]
        assert [event.type for event in answers] == ["turn_finished"] * 60


def test_a_dropped_connection_of_a_short_request_folds_nothing(own_home):
    model = scripted([ConnectionDropped("closed"), "Here again."])
    with tutor(own_home, model) as professor:
        assert say(professor, "Hello?")[-1].type == "turn_failed"
        assert answer(say(professor, "And now?")) == "Here again."
        assert professor.state.conversation.view.reason == "start"
