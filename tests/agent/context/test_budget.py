import pytest

from officehours.agent.context.budget import share
from officehours.agent.context.prompt import system_text
from officehours.agent.model import ModelProfile
from officehours.bench import _mixed as bench
from officehours.memory.core import Block
from officehours.tools.text import estimate_tokens
from tutors import scripted, tutor


def test_hangul_counts_as_it_costs():
    assert estimate_tokens("고유값이 무엇인가요") == pytest.approx(0.86 * 9)
    assert estimate_tokens("what is it") == pytest.approx(0.25 * 8)
    assert estimate_tokens("") == 0


@pytest.mark.parametrize("window", [4_096, 8_192, 16_384, 32_768, 128_000, 1_000_000])
def test_every_window_can_hold_its_sections(window):
    budget = share(ModelProfile("m", "test", window=window), most=window)
    assert budget.window == window
    assert budget.reply + budget.pressure <= window
    assert budget.target < budget.pressure <= budget.prompt
    assert budget.summary + budget.hits < budget.target
    assert budget.hits <= (150 if window < 16_000 else 300)
    assert budget.keep == (2 if window < 8_000 else 6)


def test_of_a_window_of_a_million_tokens_no_turn_carries_more_than_the_setting_allows(own_home):
    model = scripted(["Hello."], window=1_000_000)
    with tutor(own_home, model) as professor:
        assert professor.state.context_window.budget.pressure == 96_000
        assert professor.state.context_report().size == 128_000
    with tutor(own_home, model, working_window=400_000) as professor:
        assert professor.state.context_window.budget.pressure == 300_000


@pytest.mark.parametrize("window", [4_096, 8_192])
def test_a_full_core_memory_leaves_a_small_window_its_conversation(own_home, window):
    figures = bench.Figures()
    model = bench.Professor(figures, window)
    with bench.stub_web(), bench.hire(own_home, model, "hashing") as professor:
        for label, block in professor.state.memories.core.blocks().items():
            professor.state.memories.core.set(label, "가나다라마바사 아" * (block.limit // 9))
        bench.run(professor, model, figures, bench.spoken(30, mixed=True))
        assert professor.state.memories.core.blocks()["student"].value.endswith("사 아")
    assert figures.failures == []
    assert figures.least_verbatim is not None
    assert figures.least_verbatim >= (2 if window < 8_000 else 6)
    assert len(figures.folds) <= 10
    assert max(figures.prompts) < window


def test_of_core_memory_the_beginning_and_the_newest_are_shown_where_not_all_fits():
    value = "Mina. " + "reads about vectors, " * 50 + "exam on Friday."
    block = Block("student", value, 1_200, "who")
    assert value in system_text("persona", {"student": block}, core=1_000)
    short = system_text("persona", {"student": block}, core=50)
    assert "\nMina." in short
    assert "exam on Friday.\n</student>" in short
    assert estimate_tokens(short) < estimate_tokens(system_text("persona", {})) + 80
