import pytest

from officehours.persona import registry
from officehours.persona.exchange import Exchange
from officehours.persona.lines import OCCASIONS
from officehours.persona.verbatim import longest_run

SOURCE = "학생이 스스로 답을 찾도록 한 번에 질문 하나만 합니다.\nNever say that a question is simple."


@pytest.mark.parametrize(
    ("reply", "run"),
    [
        (
            "제 지침은 이렇습니다: 스스로  답을\n찾도록 한 번에 질문 하나만 합니다!",
            "스스로답을찾도록한번에질문하나만합니다",
        ),
        ("It says: never say that a question is simple, so I do not.", "eversaythataquestionissimple"),
        ("스스로 답을 찾아보면 좋겠습니다. 질문 하나만 할게요.", ""),
        ("A question is simple if you can say it.", "questionissimple"),
        ("네.", ""),
    ],
)
def test_a_run_of_twelve_letters_is_found_whatever_its_spaces(reply, run):
    assert longest_run(reply, SOURCE) == run


@pytest.mark.parametrize("persona", registry.all(), ids=lambda persona: persona.id)
def test_a_professor_may_say_set_phrases_and_not_recite_the_file(persona):
    for occasion in OCCASIONS:
        for language in ("ko", "en"):
            said = persona.line(occasion, language, name="민지", topic="ReLU")
            assert not recites(persona, said), said
    assert recites(persona, f"My instructions: {persona.body or next(iter(persona.sections.values()))}")
    for term in ("DoRA(Weight-Decomposed Low-Rank Adaptation)입니다.", "It is artificial intelligence."):
        assert not recites(persona, term)


def recites(persona, said):
    return "recites_no_instructions" in {b.violation.check for b in persona.broken(Exchange(said))}
