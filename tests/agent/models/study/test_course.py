"""Questions on the sample course: every main term by its own definition, what a question is after, and follow-ups."""

from __future__ import annotations

import pytest

from officehours.memory.text import josa
from talks import Talk

TERMS = (
    # Korean name | English name | the beginning of the definition in Korean | and in English
    ("언어 모델", "a language model", "언어 모델(language model)은 앞에 나온", "A language model (LM) assigns"),
    ("토큰", "a token", "토큰(token)은 언어 모델이", "A token is the smallest unit"),
    ("토큰 제한", "the token limit", "토큰 제한(token limit)은 모델이", "The token limit, or context"),
    ("어텐션", "attention", "어텐션(attention)은 지금 보는", "Attention scores how relevant"),
    ("트랜스포머", "a transformer", "트랜스포머(Transformer)는 순환이나", "The Transformer is a neural"),
    ("RNN", "an RNN", "RNN(Recurrent Neural Network)은 입력을", "A recurrent neural network (RNN) reads"),
    ("장거리 의존성", "a long-range dependency", "장거리 의존성(long-range", "A long-range dependency is"),
    ("SSM", "an SSM", "SSM(State Space Model)은 입력", "A state space model (SSM) accumulates"),
    ("Mamba", "Mamba", "Mamba(맘바)는 상태 공간", "Mamba is a selective"),
    ("ReLU", "ReLU", "ReLU(Rectified Linear Unit)는 입력이", "The rectified linear unit (ReLU) is"),
    ("Leaky ReLU", "Leaky ReLU", "ReLU의 변형(variants of ReLU)은", "Variants of ReLU such as Leaky ReLU"),
    ("GELU", "GELU", "ReLU의 변형(variants of ReLU)은", "Variants of ReLU such as Leaky ReLU"),
    ("역전파", "backpropagation", "역전파(backpropagation)는 손실을", "Backpropagation computes"),
    ("과적합", "overfitting", "과적합(overfitting)은 모델이", "Overfitting is when"),
    ("LoRA", "LoRA", "LoRA(Low-Rank Adaptation)는", "Low-Rank Adaptation (LoRA) is"),
    ("DoRA", "DoRA", "DoRA(Weight-Decomposed", "Weight-Decomposed Low-Rank Adaptation (DoRA) splits"),
    ("지시 조정", "instruction tuning", "지시 조정(instruction tuning)은", "Instruction tuning fine-tunes"),
    ("RLHF", "RLHF", "RLHF(Reinforcement", "Reinforcement Learning from Human Feedback (RLHF)"),
    ("RAG", "RAG", "RAG(Retrieval-Augmented", "Retrieval-Augmented Generation (RAG) first"),
    ("MemGPT", "MemGPT", "MemGPT(Memory-GPT)는", "MemGPT lets a language model"),
    ("LLM OS", "the LLM OS", "LLM OS(Large Language", "LLM OS (Large Language Model Operating System) is"),
    ("프롬프팅", "prompting", "프롬프팅(prompting)은", "Prompting steers"),
    ("CoT", "CoT", "CoT(Chain of Thought)는", "Chain of Thought (CoT) prompting has"),
    ("사고의 사슬", "chain of thought", "CoT(Chain of Thought)는", "Chain of Thought (CoT) prompting has"),
)  # fmt: skip
WAYS = (("{ko_ga} 뭐예요?", 2), ("{ko}에 대해서 알려줘", 2), ("What is {en}?", 3))


@pytest.mark.parametrize(("way", "column"), WAYS)
def test_a_term_is_answered_with_its_own_definition(course: Talk, way: str, column: int) -> None:
    asked = [way.format(ko=term[0], ko_ga=josa(term[0], "이/가"), en=term[1]) for term in TERMS]
    answers = zip(asked, TERMS, course(*asked), strict=True)
    assert [(said, found) for said, term, found in answers if f"> {term[column]}" not in found] == []


@pytest.mark.parametrize(
    ("said", "shows", "never"),
    [
        ("fine-tuning이 뭐예요?", "미세 조정", "자료에 없는"),
        ("QLoRA가 뭐예요?", "QLoRA(Quantized Low-Rank Adaptation)", "자료에 없는"),
        ("환각이 뭐예요?", "환각", "자료에 없는"),
        ("RNN이랑 트랜스포머 비교해줘", "자기 어텐션(트랜스포머) | RNN", "LSTM"),
        ("Mamba가 트랜스포머보다 빨라요?", "Mamba는 O(n)입니다", "나란히 견준 대목은 자료에 없어서"),
        ("과적합 어떻게 막아요?", "early stopping", "우연한 잡음"),
        ("LoRA 예시 들어줘", "65,536", "import"),
        ("트랜스포머 논문 알려줘", "Attention Is All You Need", "Shannon"),
        ("친구가 그러는데 LoRA 쓰면 느려진대요", "느려지지 않습니다", "적어 두었습니다"),
        ("LSTM이랑 GRU 차이점", "GRU(Gated Recurrent Unit)", "자료에 없습니다"),
        ("ReLU랑 GELU랑 RAG가 각각 뭐예요?", "10-rag.md", "자료에 없"),
        ("영어로 DoRA 설명해줘", "splits each weight into magnitude", "나누어"),
        ("what's the learning rate", "learning rate 0.01", "not in the material"),
        ("who invented the transformer", "Vaswani", "Rectified"),
    ],
)
def test_what_is_shown_is_what_was_asked_for(course: Talk, said: str, shows: str, never: str) -> None:
    reply = course.last(said)

    assert shows in reply
    assert never not in reply


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("렐루가 뭐예요?", "ReLU(Rectified"),
        ("트렌스포머가 머에요", "트랜스포머(Transformer)는"),
        ("오버피팅이 뭐야", "과적합(overfitting)은"),
        ("도라랑 로라 비교해줘", "08-lora-dora.md"),
        ("what is backpropogation", "Backpropagation computes"),
        ("explain atention", "Attention scores"),
    ],
)
def test_a_term_is_found_by_its_sound_and_despite_a_slip(course: Talk, said: str, term: str) -> None:
    assert term in course.last(said)


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("GPT가 뭐예요?", "GPT"),
        ("LoRaWAN이 뭐예요?", "LoRaWAN"),
        ("what is LoRaWAN?", "LoRaWAN"),
        ("광합성이 뭐예요?", "광합성"),
        ("베이즈 정리가 뭐예요?", "베이즈 정리"),
        ("what is Bayes' theorem?", "Bayes"),
        ("하늘은 왜 파래요?", "하늘"),
        ("why is the sky blue?", "sky"),
    ],
)
def test_what_the_course_does_not_hold_is_said_and_kept_open(course: Talk, said: str, named: str) -> None:
    (heard,) = course.hear(said)

    assert named in heard.answer
    assert not heard.cited
    assert heard.open == (said,)


@pytest.mark.parametrize(
    ("first", "then", "shows", "never"),
    [
        ("DoRA가 뭐예요?", "예시는?", "69,632", "자료에 따로 없습니다"),
        ("DoRA가 뭐예요?", "코드도 보여줘", "```python", "어느 것을"),
        ("DoRA가 뭐예요?", "더 자세히", "‖", "활성화"),
        ("DoRA가 뭐예요?", "LoRA랑 뭐가 달라?", "| LoRA |", "나란히 견준 대목은 자료에 없"),
        ("DoRA가 뭐예요?", "왜 필요한데?", "08-lora-dora.md", "자료에 없는"),
        ("What is RAG?", "one sentence please", "Retrieval-Augmented Generation (RAG) first", "no such part"),
        ("What is RAG?", "an example?", "10-rag.md", "no such part"),
        ("What is RAG?", "put it in simpler words", "takes a language model", "not in the material"),
        ("What is RAG?", "make a table of that", "10-rag.md", "not in the material"),
        ("What is RAG?", "are you sure?", "source named above", "not in the material"),
        ("RAG가 뭐야?", "그거 맞아?", "출처에 그렇게 적혀", "자료에 없는"),
        ("트렌스포머가 머에요", "코드로", "def attention", "어느 것을"),
    ],
)
def test_a_follow_up_goes_on_with_the_topic(
    course: Talk, first: str, then: str, shows: str, never: str
) -> None:
    reply = course.last(first, then)

    assert shows in reply
    assert never not in reply


@pytest.mark.parametrize(
    ("said", "asks"),
    [("예시는?", "어느 것을"), ("더 짧게", "어느 것을"), ("an example?", "What shall we go on with")],
)
def test_a_follow_up_on_nothing_is_asked_back(course: Talk, said: str, asks: str) -> None:
    assert asks in course.last(said)


def test_what_follows_an_unknown_thing_is_asked_for_and_not_guessed(course: Talk) -> None:
    assert "어느 것을" in course.last("광합성이 뭐예요?", "예시는?")


@pytest.mark.parametrize("said", ["하늘은 왜 파래요?", "why is the sky blue?"])
def test_a_question_on_something_else_is_not_answered_from_the_note_at_hand(course: Talk, said: str) -> None:
    assert "03-transformer" not in course.last("어텐션 수식 알려줘", said)


def test_the_course_is_listed_and_a_note_is_found_by_its_number(course: Talk) -> None:
    listed, note = course("무슨 내용이 있어?", "5장 알려줘")

    assert all(name in listed for name in ("01-language-model.md", "12-prompting-cot.md"))
    assert "05-ssm-mamba.md" in note
    assert "비교" in note
