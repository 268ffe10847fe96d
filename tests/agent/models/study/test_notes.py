"""Ordinary notes, as students write them: Q and A, bold terms, tables, lists, formulas, any heading, either language."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from talks import Talk, read_in

NOTES = {
    "probability.md": r"""# Probability, lecture 4

**Conditional probability** is the probability of one event given that another has happened:
$$P(A \mid B) = \frac{P(A \cap B)}{P(B)}$$
It is defined only where $P(B) > 0$.

## Bayes in one line

**Bayes' theorem** turns a conditional probability around:

$$
P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}
$$

## Base rate fallacy

People forget the prior: a positive test for a rare disease is usually a false alarm.

1. Write down the prior.
2. Write down the likelihood.
3. Multiply them.
4. Divide by the evidence.
5. Compare the result with the prior.

Q: A fair coin is tossed 20 times. What is the probability that all tosses are heads?
A: 2^-20, about 9.54e-7

Q: Two dice are thrown. What is the probability of two sixes?
A: 1/36
""",
    "네트워크 정리.md": """# 사물 인터넷 통신

LoRaWAN은 저전력 장거리 무선 통신 규격이다. 배터리 하나로 몇 년을 간다.

## 규격표

| 규격 | 거리 | 속도 |
|---|---|---|
| LoRaWAN | 15 km | 50 kbps |
| 블루투스 | 100 m | 2 Mbps |
| 지그비 | 100 m | 250 kbps |
| 와이파이 | 50 m | 600 Mbps |

## 핸드셰이크 순서

- 클라이언트가 SYN을 보낸다
- 서버가 SYN-ACK을 보낸다
- 클라이언트가 ACK를 보낸다

Q: 지그비의 속도는 블루투스 속도의 몇 분의 일인가요?
A: 1/8
""",
    "bio.txt": """Cell biology, week 3

Osmosis is the movement of water through a membrane towards the side with more solute.

Mitosis gives two identical cells, meiosis gives four different ones. Mitosis is for growth, meiosis for gametes.
""",
    "고유값.md": r"""# 고유값과 고유벡터

**고유벡터**는 행렬을 곱해도 방향이 바뀌지 않는 벡터이고, **고유값**은 그때 늘어나는 배수이다.

$$A v = \lambda v$$

특성방정식 $\det(A - \lambda I) = 0$을 풀어 구한다.
""",
}


@pytest.fixture(scope="module")
def notes_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return read_in(tmp_path_factory.mktemp("notes"), folder)


@pytest.fixture
def notes(notes_home: Path, tmp_path: Path) -> Talk:
    return Talk(shutil.copytree(notes_home, tmp_path / "student"))


@pytest.mark.parametrize(
    ("said", "shows", "source"),
    [
        ("What is conditional probability?", "given that another has happened", "probability.md"),
        ("what is Bayes' theorem", "turns a conditional probability around", "probability.md"),
        ("what are the steps against the base rate fallacy?", "5. Compare the result", "probability.md"),
        ("LoRaWAN이 뭐야?", "저전력 장거리 무선 통신 규격", "네트워크 정리.md"),
        ("블루투스랑 와이파이 비교해줘", "| 와이파이 | 50 m | 600 Mbps |", "네트워크 정리.md"),
        ("지그비 거리 알려줘", "| 와이파이 | 50 m | 600 Mbps |", "네트워크 정리.md"),
        ("핸드셰이크 순서 알려줘", "클라이언트가 ACK를 보낸다", "네트워크 정리.md"),
        ("what is osmosis?", "towards the side with more solute", "bio.txt"),
        ("difference between mitosis and meiosis", "meiosis for gametes", "bio.txt"),
        ("고유값이 뭐야?", "그때 늘어나는 배수", "고유값.md"),
        ("고유벡터는 무엇인가요", r"$$A v = \lambda v$$", "고유값.md"),
    ],
)
def test_a_question_is_answered_with_the_whole_section(
    notes: Talk, said: str, shows: str, source: str
) -> None:
    (heard,) = notes.hear(said)

    assert shows in heard.answer
    assert f"`{source}`" in heard.answer
    assert any(source in place for place in heard.cited)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("what is an eigenvalue?", "고유값.md"),
    ],
)
def test_notes_in_the_other_language_are_found_by_meaning(notes: Talk, said: str, source: str) -> None:
    (heard,) = notes.hear(said)

    assert f"`{source}`" in heard.answer
    assert not heard.open


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("LoRA가 뭐예요?", "LoRA"),
        ("what is LoRA?", "LoRA"),
        ("SYN flooding이 뭐야?", "flooding"),
        ("체인 룰이 뭐야?", "체인"),
    ],
)
def test_near_misses_are_told_apart_by_the_term_itself(notes: Talk, said: str, named: str) -> None:
    (heard,) = notes.hear(said)

    assert named in heard.answer
    assert not heard.cited
    assert heard.open == (said,)


@pytest.fixture
def english(tmp_path: Path) -> Talk:
    """A student whose only note is in English, and says how in a section of its own."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "07-gcd.md").write_text(
        "# Greatest common divisors\n\nThe greatest common divisor of two numbers is the largest that divides both.\n\n"
        "## Steps\n\n1. Divide the larger by the smaller.\n2. Go on with the smaller and the remainder.\n",
        encoding="utf-8",
    )
    return Talk(read_in(tmp_path / "home", folder), "en")


def test_how_it_is_done_is_looked_for_in_the_note_at_hand(english: Talk) -> None:
    told, how = english("what is a greatest common divisor?", "and how do I work it out?")

    assert "largest that divides both" in told
    assert "Go on with the smaller" in how


def test_a_note_goes_by_the_name_of_its_file_too(english: Talk) -> None:
    assert "largest that divides both" in english.last("what is the GCD?")


def test_a_term_is_answered_by_its_name_in_the_language_of_the_course(english: Talk) -> None:
    (heard,) = english.hear("최대공약수가 뭐예요?")

    assert "reatest common divisor’에 대한 질문으로" in heard.answer
    assert "largest that divides both" in heard.answer
    assert not heard.open


def test_a_term_that_has_no_known_name_in_the_language_of_the_course_is_asked_for_in_that(
    english: Talk,
) -> None:
    (heard,) = english.hear("몫환이 뭐예요?")

    assert "영어 용어" in heard.answer
    assert "07-gcd.md" in heard.answer
    assert heard.open


def test_formulas_stay_whole(notes: Talk) -> None:
    assert "$$\nP(A \\mid B) = \\frac{P(B \\mid A)\\,P(A)}{P(B)}\n$$" in notes.last("what is Bayes' theorem?")


@pytest.mark.parametrize(
    ("ask", "tried", "verdict"),
    [
        ("quiz me on the coin", "2^-20", "That is right"),
        ("quiz me on the coin", "1/1048576", "That is right"),
        ("quiz me on the coin", "9.54e-7", "That is right"),
        ("quiz me on the coin", "it is 0.00000095", "That is right"),
        ("quiz me on the coin", "because they are independent", "cannot mark an answer in words"),
        ("지그비 문제 내줘", "0.125", "맞았습니다"),
        ("지그비 문제 내줘", "8분의 1이요", "맞았습니다"),
        ("지그비 문제 내줘", "12.5%", "맞았습니다"),
        ("지그비 문제 내줘", "모르겠어요 답 알려줘", "괜찮습니다"),
        ("quiz me on the coin", "I give up", "That is fine"),
    ],
)
def test_an_attempt_is_held_against_the_key_whatever_way_it_is_written(
    notes: Talk, ask: str, tried: str, verdict: str
) -> None:
    asked, judged = notes(ask, tried)
    key = "2^-20" if "coin" in ask else "1/8"

    assert key not in asked
    assert verdict in judged
    assert key in judged


@pytest.mark.parametrize(
    ("ask", "hint", "key"),
    [
        ("지그비 문제 내줘", "힌트 주세요", "1/8"),
        ("지그비 문제 내줘", "모르겠어요", "1/8"),
        ("지그비 문제 내줘", "50%", "1/8"),
        ("지그비 문제 내줘", "정답이 뭐예요?", "1/8"),
        ("quiz me on the coin", "a hint?", "2^-20"),
        ("quiz me on the coin", "1/20", "2^-20"),
    ],
)
def test_a_hint_does_not_tell_and_the_question_stays_open(notes: Talk, ask: str, hint: str, key: str) -> None:
    asked, hinted, judged = notes(ask, hint, key)

    assert key not in asked + hinted
    assert asked.split("> ")[1].splitlines()[0] in hinted
    assert hinted.count("?") > asked.count("?")  # a step of the ladder stands before it
    assert "맞았습니다" in judged or "That is right" in judged


def test_a_question_in_the_middle_of_a_quiz_is_answered_and_the_key_stays_hidden(notes: Talk) -> None:
    _, answered = notes("quiz me on the coin", "what is osmosis?")

    assert "more solute" in answered
    assert "2^-20" not in answered


def test_a_quiz_goes_through_the_questions_and_ends(notes: Talk) -> None:
    first, second, third, over = notes("quiz me on probability", "next question", "next one", "stop the quiz")

    assert first != second
    assert "no further quiz question" in third or third not in (first, second)
    assert "no more questions" in over or "no question open" in over


def test_more_of_a_topic_never_repeats_and_comes_to_an_end(notes: Talk) -> None:
    replies = notes("what is osmosis?", *["tell me more"] * 3)
    quoted = [reply.partition("\n\n")[2] for reply in replies if "bio.txt" in reply]

    assert len(quoted) == len(set(quoted))
    assert "That is all the material has" in replies[-1]


@pytest.mark.parametrize(
    ("first", "then", "left", "yes"),
    [
        ("what is Bayes' theorem?", "give me an example please", "no such part", "yes"),
        ("조건부 확률이 뭐예요?", "예시 하나만", "자료에 따로 없습니다", "네"),
    ],
)
def test_what_the_notes_do_not_have_repeats_nothing_and_a_yes_takes_the_question_that_is_offered(
    notes: Talk, first: str, then: str, left: str, yes: str
) -> None:
    _, example, question = notes.hear(first, then, yes)

    assert left in example.answer
    assert "> " not in example.answer
    assert "?" in question.answer
    assert "probability.md" in question.answer
