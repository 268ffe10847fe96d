"""A quiz in words: the question that is open, the verdict, a hint. What happened is the program's (`TurnView.quiz`)."""

from __future__ import annotations

from ....memory.text import HANGUL, sentences
from ....tools.text import quote
from ...context.smalltalk import small_talk
from ...context.turn_view import file_name
from ...model import QuizView, TurnView
from ...tutor.hints import lettered
from ...tutor.lock import MASK
from .course import Reply, search, topic_of
from .intent import POSSIBLY, SURE, Reading, named_in, says
from .phrases import paragraphs, say
from .sections import NAMES, sections


def ask_one(view: TurnView) -> Reply:
    """Have a question asked about what is named, else the next of the quiz at hand, else on the topic at hand."""
    now = view.quiz
    if not view.can("quiz"):
        return Reply(_asked(view, now) if now and now.question else say(view, "quiz_none"))
    topic = " ".join(" ".join(phrase) for phrase in named_in(view.said))
    if says(view.said, "wrong_ones"):
        return Reply(calls=(("quiz", {"kind": "missed"}),))
    if not topic and not (now and now.id):
        topic = topic_of(view).words
    kind = "choice" if says(view.said, "choices") else "ox" if says(view.said, "true_false") else ""
    return Reply(calls=(("quiz", {"topic": topic, **({"kind": kind} if kind else {})}),))


def happened(view: TurnView) -> Reply | None:
    """Say what a message did to the question that was open; None where it did nothing."""
    now = view.quiz
    if now is None or not now.move:
        return None
    if now.move == "skip":
        return ask_one(view)
    if now.move == "stop":
        return Reply(say(view, "quiz_ended"))
    if now.move == "choices":
        return Reply(paragraphs("" if now.choices else say(view, "quiz_no_choices"), _asked(view, now)))
    said = _verdict(view, now)
    if now.key or not now.question:
        over = say(view, "quiz_over", points=f"{now.points:g}", total=now.total) if now.over else ""
        more = "quiz_again" if now.over and now.points < now.total else "quiz_next"
        return Reply(paragraphs(said, quote(now.key), _source(view, now.key_source), over, say(view, more)))
    return _helped(view, now, said)


def offered(view: TurnView, reading: Reading) -> Reply | None:
    """Go on, or stop, where the last reply offered another question; None where it did not, or something else is wanted."""
    again, *other = (view.last.said.endswith(say(view, f"quiz_{n}")) for n in ("again", "next", "offer"))
    if not (again or any(other)) or named_in(view.said):
        return None
    if reading.intent == "end_quiz":
        return Reply(say(view, "quiz_ended"))
    more = (
        reading.share("next_question") >= POSSIBLY and reading.share("next_question", "quiz", "more") >= SURE
    )
    if small_talk(view.said) != "acknowledgement" and not more:
        return None
    return Reply(calls=(("quiz", {"kind": "missed"}),)) if again and view.can("quiz") else ask_one(view)


def _helped(view: TurnView, now: QuizView, said: str) -> Reply:
    """Ask the question again with the step that is due, and with what the material says nearest to it."""
    if not now.step:
        return Reply(paragraphs(said, say(view, "quiz_no_hint"), _asked(view, now)))
    if look := search(view, now.question):
        return look
    file = _file(view, now.source)
    own = (s for s in sections(view.hits()) if s.file == file and s.purpose != "quiz" and MASK not in s.body)
    near = next(own, None)
    text = next(iter(sentences(near.text(view.language))), "") if near else ""
    told = paragraphs(f"{say(view, 'quiz_hint')} [{near.id}]", quote(text)) if near and text else ""
    return Reply(paragraphs(said, now.step, told, _asked(view, now)))


def _verdict(view: TurnView, now: QuizView) -> str:
    if now.move == "answer":
        names = {1: "quiz_right", 0.5: "quiz_partly", 0: "quiz_wrong", None: "quiz_compare"}
        return say(view, names[now.correct])
    name = "quiz_given_up" if now.move == "give_up" and now.key else "quiz_locked"
    return "" if now.move == "hint" else say(view, name)


def _asked(view: TurnView, now: QuizView) -> str:
    choices = "\n".join(lettered(now.choices))
    korean = say(view, "quiz_korean") if view.language == "en" and HANGUL.search(now.question) else ""
    head = " ".join(filter(None, (_source(view, now.source), korean)))
    return paragraphs(head, quote(now.question), choices, say(view, "quiz_try" if now.shows else "quiz_exam"))


def _source(view: TurnView, item: str) -> str:
    file = _file(view, item)
    return say(view, "source", file=file, name=NAMES["quiz"][view.language], id=item) if file else ""


def _file(view: TurnView, item: str) -> str:
    hits = {hit.id: hit for hit in (*view.known.values(), *view.hits())}
    return file_name(hits[item].origin or "") if item in hits else ""
