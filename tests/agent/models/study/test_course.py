"""Every main term of the sample course, asked for first thing in a session and after another topic."""

from __future__ import annotations

from pathlib import Path

import pytest

from officehours.agent.assemble import open_tutor
from officehours.agent.events import TurnFinished
from officehours.agent.loop import Agent
from officehours.agent.models.study.policy import StudyModel
from officehours.agent.runtime import open_runtime
from officehours.agent.settings import Settings
from officehours.memory.index import embed_everything
from officehours.memory.transfer import Ingester

COURSE = Path(__file__).parents[4] / "examples" / "ai-basics"

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
    ("GELU", "GELU", "- GELU(Gaussian Error Linear Unit)는", "Variants of ReLU such as Leaky ReLU"),
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
WAYS = (("{ko}가 뭐예요?", 2), ("{ko}에 대해서 알려줘", 2), ("What is {en}?", 3))
PAIRS = list(zip([*TERMS[1:], TERMS[0]], TERMS, strict=True))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("course"), embedder="hashing", language="ko")
    with open_runtime(settings) as runtime:
        Ingester(runtime.db, runtime.student, runtime.memories.archival, runtime.clock).ingest([COURSE])
        embed_everything(runtime.db, runtime.student.id, runtime.embedder, runtime.index)
    return settings


def answer(agent: Agent, said: str) -> str:
    last = list(agent.turn(said))[-1]
    assert isinstance(last, TurnFinished), last
    return last.answer


@pytest.mark.parametrize("way", WAYS, ids=[way for way, _ in WAYS])
@pytest.mark.parametrize(("before", "term"), PAIRS, ids=[term[1] for term in TERMS])
def test_a_term_is_answered_with_its_own_definition(
    settings: Settings, before: tuple[str, ...], term: tuple[str, ...], way: tuple[str, int]
) -> None:
    asked, wanted = way
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        for ko, en, *definitions in (before, term):
            assert f"> {definitions[wanted - 2]}" in answer(agent, asked.format(ko=ko, en=en))


SHOWN = (
    # What a question must show | and what it must not
    ("fine-tuning이 뭐예요?", "따로 정의한 대목은 없고", "자료에 없는"),
    ("QLoRA가 뭐예요?", "QLoRA(Quantized Low-Rank Adaptation)입니다", "추론이 느려진다"),
    ("환각이 뭐예요?", "환각", "벡터 데이터베이스가"),
    ("RNN이랑 트랜스포머 비교해줘", "자기 어텐션(트랜스포머) | RNN", "LSTM"),
    ("Mamba가 트랜스포머보다 빨라요?", "Mamba는 O(n)입니다", "나란히 견준 대목은 자료에 없어서"),
    ("과적합 어떻게 막아요?", "early stopping", "우연한 잡음"),
    ("LoRA 예시 들어줘", "65,536", "import"),
    ("트랜스포머 논문 알려줘", "Attention Is All You Need", "Shannon"),
    ("친구가 그러는데 LoRA 쓰면 느려진대요", "느려지지 않습니다", "모델을 작게 만든다"),
    ("LSTM이랑 GRU 차이점", "GRU(Gated Recurrent Unit)", "GRU에 대한 내용은"),
    ("영어로 DoRA 설명해줘", "splits each weight into magnitude", "나누어"),
    ("what's the learning rate", "learning rate 0.01", "nothing about"),
    ("who invented the transformer", "Vaswani", "Rectified"),
)


@pytest.mark.parametrize(("said", "shows", "not_this"), SHOWN, ids=[said for said, _, _ in SHOWN])
def test_what_is_shown_is_what_was_asked_for(
    settings: Settings, said: str, shows: str, not_this: str
) -> None:
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        reply = answer(agent, said)

    assert shows in reply
    assert not_this not in reply


def test_what_follows_an_unknown_thing_is_asked_for_and_not_guessed(settings: Settings) -> None:
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        answer(agent, "광합성이 뭐예요?")

        assert "어떤 주제를 이어 볼까요" in answer(agent, "예시는?")


@pytest.mark.parametrize("said", ["하늘은 왜 파래요?", "why is the sky blue?"])
def test_a_question_on_something_else_is_not_answered_from_the_note_at_hand(
    settings: Settings, said: str
) -> None:
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        answer(agent, "어텐션 수식 알려줘")

        assert "03-transformer" not in answer(agent, said)
        answer(agent, "어텐션 수식 알려줘")
        assert "√d_k" in answer(agent, "왜 루트로 나눠요?")


def test_what_and_why_are_both_answered(settings: Settings) -> None:
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        reply = answer(agent, "RNN이 뭐고 왜 필요해요?")

    assert "> RNN(Recurrent Neural Network)은" in reply
    assert "같은 가중치를 걸음마다" in reply


def test_a_misspelled_term_is_followed_up_under_its_right_name(settings: Settings) -> None:
    with open_tutor(settings, model=StudyModel(), session="new") as agent:
        answer(agent, "트렌스포머가 머에요")

        assert "> 트랜스포머(Transformer)는" in answer(agent, "다시 설명해줘")
