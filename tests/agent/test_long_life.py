import json
from collections.abc import Iterator
from itertools import pairwise

import pytest

from officehours.bench import _mixed as bench
from officehours.memory.types import ToolCall
from officehours.tools.base import ToolContext
from tutors import say, scripted, tutor

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("mixed", "share"), [(True, 0.95), (False, 0.95)])
def test_most_of_every_prompt_repeats_the_one_before(mixed, share):
    figures = bench.talk(50, 128_000, "hashing", mixed=mixed)
    assert figures.failures == []
    assert figures.share >= share
    assert sum(figures.context_note) / figures.turns <= 40


def test_thirty_mixed_turns_stay_within_their_tokens_and_requests():
    apart = bench.talk(30, 128_000, "hashing", mixed=True)
    together = bench.talk(30, 128_000, "hashing", mixed=True, speaks_and_writes=True)
    assert sum(apart.prompts) <= 200_000
    assert len(apart.prompts) == 45
    assert len(together.prompts) == 39


def test_a_small_window_is_folded_seldom_and_finds_the_beginning_again(own_home):
    figures = bench.Figures()
    model = bench.Professor(figures, 8_192)

    def texts() -> Iterator[str]:
        yield "참고로 제 사물함은 4821번입니다."
        yield from bench.spoken(90, mixed=True)

    with bench.stub_web(), bench.hire(own_home, model, "hashing") as professor:
        bench.run(professor, model, figures, texts())
        found = professor.state.memories.recall.search("사물함 번호가 뭐였죠?", 5)
        assert len(professor.state.conversation.log) < 100
    assert figures.failures == []
    assert 1 <= len(figures.folds) <= 5
    assert figures.least_verbatim >= 6
    assert max(figures.prompts) < 8_192
    assert any("4821" in hit.text for hit in found)


def test_chains_of_keys_are_followed_exactly(own_home):
    keys = [f"{n * 2654435761 % 2**32:08x}-{n:04x}" for n in range(400)]
    with tutor(own_home, scripted([])) as professor:
        state = professor.state
        with state.db.begin():
            for key, value in pairwise(keys):
                state.memories.archival.insert(f"{key}: {value}")
        at = keys[100]
        for depth in range(1, 6):
            call = ToolCall("c", "archival_memory_search", json.dumps({"query": at}))
            lines = state.registry.run(call, ToolContext()).output.splitlines()
            at = next(line for line in lines if f"· {at}: " in line).rpartition(": ")[2]
            assert at == keys[100 + depth]


def test_the_window_is_shown_by_section_before_and_after_the_first_turn(own_home):
    with tutor(own_home, scripted(["Hello."])) as professor:
        before = professor.state.context_report()
        assert before.reason == ""
        assert {"persona", "rules", "tools"} <= {section.name for section in before.sections}
        say(professor, "Hello, I am Mina and I study vectors.")
        after = professor.state.context_report()
    assert after.reason == "start"
    assert {"student", "professor"} <= {section.name for section in after.sections}
    assert sum(section.tokens for section in after.sections) == pytest.approx(after.used, rel=0.1)
