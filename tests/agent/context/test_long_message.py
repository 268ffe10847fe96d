import pytest

from officehours.agent.context.long_message import MOST_PARTS, head_and_tail, pieces, worth_reading
from officehours.agent.events import Notice, ToolFinished
from officehours.agent.models.testing.scripted import ScriptedCall
from officehours.tools.text import estimate_tokens
from own_tools import say_yes
from tutors import answer, assert_valid, log_of, say, scripted, spoken, tutor

SECRET = "The password of the laboratory is heliotrope."


def long_message(words=30_000, at=20_000):
    lines = [f"Line {n} says nothing of interest at all." for n in range(words // 8)]
    lines.insert(at // 8, SECRET)
    return "\n".join([*lines, "What is the password of the laboratory?"])


def reader(request):
    """Digests a part by quoting the secret, answers from what stands beside the message."""
    last = request.messages[-1].content
    if not request.tools:
        return SECRET if SECRET in last else "Nothing about it."
    return "It is heliotrope." if "heliotrope" in last else "I do not know."


@pytest.mark.parametrize("window", [4_096, 8_192, 32_768])
def test_a_message_larger_than_the_window_is_stored_whole_and_answered_from_its_parts(own_home, window):
    model = scripted(reader, window=window)
    text = long_message()
    with tutor(own_home, model) as professor:
        events = say(professor, text)
        assert answer(events) == "It is heliotrope."
        assert [e.kind for e in events if isinstance(e, Notice)][:1] == ["long_message"]
        assert spoken(professor) == [text]
        assert answer(say(professor, "Thank you for that, it was helpful."))
        bill = events[-1].bill
    parts = [r for r in model.requests if not r.tools]
    assert 1 < len(parts) <= MOST_PARTS
    assert bill.requests == len(parts) + 1
    for request in model.requests:
        size = sum(estimate_tokens(m.content) for m in request.messages)
        assert size <= window - (request.max_output or 0)
    for request in model.requests[len(parts) :]:
        assert_valid(request.messages)


def test_without_a_model_the_telling_lines_stand_beside_it(own_home):
    from officehours.agent.models.study.policy import StudyModel

    with tutor(own_home, StudyModel(), window=8_192) as professor:
        assert answer(say(professor, long_message(60_000)))
        assert "<memory>" in log_of(professor)[0].context_note


def test_a_result_too_large_for_the_window_is_kept_whole_and_paged_through(own_home):
    (own_home / "tools").mkdir(parents=True)
    (own_home / "tools" / "book.py").write_text(
        "from officehours import tool\n\n@tool\ndef book() -> str:\n"
        '    """Give a whole book."""\n'
        "    return '\\n'.join(f'Sentence {n} of the book.' for n in range(4000))\n",
        encoding="utf-8",
    )
    say_yes(own_home / "tools")
    texts = []

    def reply(request):
        last = request.messages[-1]
        if last.role == "user":
            return ScriptedCall("book")
        texts.append(last.content)
        if len(texts) == 1:
            where = last.content.partition('read_more(id="')[2].partition('"')[0]
            return ScriptedCall("read_more", {"id": where, "page": 2})
        return "Read."

    model = scripted(reply, window=16_000)
    with tutor(own_home, model) as professor:
        events = say(professor, "Read me the book.")
        whole = next(m for m in log_of(professor) if m.message.name == "book")
    assert whole.message.content.count("Sentence") == 4_000
    assert estimate_tokens(texts[0]) < 2_200
    assert texts[0].startswith("Sentence 0 ")
    assert texts[0].endswith("Sentence 3999 of the book.")
    assert texts[1].startswith(f"(m{whole.id} 2/")
    assert "left out" not in texts[1]
    assert [e.ok for e in events if isinstance(e, ToolFinished)] == [True, True]


def test_many_large_results_in_one_turn_still_leave_room(own_home):
    counter = iter(range(20))

    def reply(request):
        number = next(counter)
        return ScriptedCall("web_search", {"query": f"q{number}"}) if number < 8 else "Done."

    def search(query, region):
        from officehours.tools.web import Found

        return [Found(f"{query} {n}", f"https://example.org/{n}", "words and words " * 100) for n in range(5)]

    from unittest.mock import patch

    from officehours.agent import assemble
    from officehours.tools.web import web_tools

    model = scripted(reply, window=4_096)
    with patch.object(assemble, "web_tools", lambda: web_tools(search)), tutor(own_home, model) as professor:
        assert answer(say(professor, "Search a lot.")) == "Done."
    for request in model.requests:
        assert sum(estimate_tokens(m.content) for m in request.messages) < 4_096 - (request.max_output or 0)


def test_pieces_are_the_text_and_end_where_sentences_do():
    text = "One sentence. Another one. " * 500
    parts = pieces(text, 200)
    assert "".join(parts) == text
    assert all(part.endswith(". ") for part in parts)
    assert all(estimate_tokens(part) <= 200 for part in parts)


def test_of_too_many_parts_those_about_the_question_are_read():
    parts = [f"part {n} about nothing" for n in range(100)]
    parts[77] = "the sluice gate opens at noon"
    chosen = worth_reading(parts, "when does the sluice gate open?", 5)
    assert 77 in chosen
    assert chosen == sorted(chosen)
    assert len(chosen) == 5


def test_head_and_tail_are_about_as_long_as_they_may_be():
    text = "가나다 " * 5_000
    shown = head_and_tail(text, 500, "m7")
    assert 450 <= estimate_tokens(shown) <= 560
    assert 'read_more(id="m7")' in shown
    assert head_and_tail("short", 500, "m7") == "short"
