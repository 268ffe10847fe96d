from datetime import UTC, datetime

from officehours.agent.context.budget import estimate_message, share
from officehours.agent.context.compaction import bounded, extract, plan, summary_request
from officehours.agent.model import ModelProfile
from officehours.memory.types import Message, StoredMessage, ToolCall
from officehours.tools.text import estimate_tokens

WHEN = datetime(2026, 11, 3, tzinfo=UTC)
BUDGET = share(ModelProfile("m", "test", window=8_192))


def conversation(turns, *, size=40, tools_in=()):
    log, seq = [], 0
    for turn in range(1, turns + 1):
        spoken = [Message("user", f"질문 {turn}번입니다. " + "가" * size)]
        if turn in tools_in:
            spoken.append(Message("assistant", "", (ToolCall(f"c{turn}", "web_search", "{}"),)))
            spoken.append(Message("tool", "결과", tool_call_id=f"c{turn}", name="web_search"))
        spoken.append(Message("assistant", f"답 {turn}번입니다. " + "나" * size))
        for message in spoken:
            seq += 1
            log.append(StoredMessage(seq, 1, seq, turn, message, WHEN, "Asia/Seoul"))
    return log


def sizes(log):
    return [estimate_message(stored.message) for stored in log]


def folded(log, budget, fixed):
    return plan(log, sizes(log), fixed, target=budget.target, keep=budget.keep)


def test_folding_stops_at_the_target_and_cuts_between_turns():
    log = conversation(60, tools_in=range(1, 61, 3))
    fold = folded(log, BUDGET, 1_500)
    kept = [m for m in log if m.seq >= fold.first_seq]
    assert kept[0].message.role == "user"
    assert 1_500 + sum(sizes(kept)) <= BUDGET.target
    assert [*fold.old, *kept] == log
    assert fold.turns == len({m.turn_id for m in fold.old})


def test_the_last_six_exchanges_stay_even_when_they_are_over_the_target():
    log = conversation(10, size=700)
    fold = folded(log, BUDGET, 1_500)
    kept = {m.turn_id for m in log if m.seq >= fold.first_seq}
    assert kept == {5, 6, 7, 8, 9, 10}


def test_a_small_window_keeps_two():
    small = share(ModelProfile("m", "test", window=4_096))
    fold = folded(conversation(10, size=700), small, 1_200)
    assert fold.turns == 8


def test_nothing_is_folded_where_nothing_may_be():
    assert folded(conversation(6, size=2_000), BUDGET, 1_500) is None


def test_an_extracted_summary_keeps_ids_questions_and_its_bound():
    log = conversation(80)
    first = extract("", log[:80], 300)
    second = extract(first, log[80:], 300)
    assert estimate_tokens(second) <= 300
    assert "[m159]" in second or "[m160]" in second
    assert all(line.startswith("[m") for line in second.split("\n"))


def test_telling_lines_outlive_chatter():
    lines = ["[m1] student: 시험은 12월 3일이에요", *(f"[m{n}] student: 그렇군요 아하" for n in range(2, 60))]
    assert "[m1] student: 시험은 12월 3일이에요" in bounded(lines, 60).split("\n")


def test_the_request_for_a_summary_fits_the_room_it_is_given():
    log = conversation(40, size=400)
    request = summary_request("[m0] 이전 요약", log, limit=300, room=2_000)
    assert sum(map(estimate_message, request.messages)) <= 2_000 + 80 * 20
    assert "[m0] 이전 요약" in request.messages[1].content
    assert "[m1]" in request.messages[1].content
