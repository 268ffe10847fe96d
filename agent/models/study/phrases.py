"""What the study model says around its quotations, in both languages: plain, short, and never as if it understood."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from shlex import quote

from ....memory.text import josa
from ....persona.lines import PLAIN, Lines, choose
from .intent import SectionKind
from .terms import Language

Phrases = Mapping[str, Mapping[Language, str]]

PHRASES: Phrases = {
    "add_model": {
        "ko": "지금은 언어 모델 없이 강의 자료와 대화 기록을 인용하는 기본 모드(study)입니다. 풀어 쓴 답이 필요하면 언어 모델을 연결해 주세요.\n"
        "- `OPENAI_API_KEY`를 설정하거나 이 컴퓨터에서 Ollama를 실행합니다.\n"
        "- 또는 `officehours config set model 이름`, `officehours config set base_url 주소`로 지정합니다.",
        "en": "This is the built-in mode (study): without a language model I quote the course and our talks. For answers in free words, add a model.\n"
        "- Set `OPENAI_API_KEY`, or run Ollama on this machine.\n"
        "- Or name one: `officehours config set model NAME`, `officehours config set base_url URL`.",
    },
    "add_model_short": {
        "ko": "언어 모델을 연결하면 답할 수 있습니다(`officehours config`).",
        "en": "A real model could answer this (`officehours config`).",
    },
    "outside": {
        "ko": "글을 새로 쓰거나 옮기는 일처럼 강의 자료와 우리 대화 밖의 일은 제가 할 수 없습니다.",
        "en": "Writing, translating and whatever else lies outside the course and our talks is beyond what I can do.",
    },
    "identity": {
        "ko": "저는 언어 모델이 아니라 정해진 규칙으로 답하는 조교 프로그램입니다. 강의 자료와 지난 대화를 찾아 출처와 함께 그대로 보여 드리고, 말씀하신 것을 기억합니다.",
        "en": "I am no language model but a program with fixed rules: I look up the course and our talks, show you the words with their source, and remember what you tell me.",
    },
    "help": {
        "ko": "정의, 비교, 예시, 코드를 강의 자료에서 찾아 드리고, 확인 문제를 내고, 계산을 하고, 이름이나 시험 날짜를 기억합니다. "
        "예를 들어 ‘DoRA가 뭐예요?’, ‘예시는?’, ‘문제 내 주세요’, ‘시험까지 며칠 남았지?’라고 물어보세요. "
        "자료는 `officehours ingest 폴더`로 읽어들입니다.",
        "en": "I find definitions, comparisons, examples and code in your course, ask quiz questions, calculate, and remember your name or exam date. "
        "Try “What is DoRA?”, “an example?”, “quiz me” or “how many days until my exam?”. "
        "`officehours ingest FOLDER` reads in your material.",
    },
    "mood": {
        "ko": "그러셨군요. 잠깐 쉬었다 하셔도 괜찮습니다. 준비되시면 궁금한 낱말 하나만 적어 주세요.",
        "en": "I see. A short break is fine. When you are ready, give me one term and I will look it up.",
    },
    "glad": {
        "ko": "그렇게 말씀해 주시니 고맙습니다. 이어서 무엇을 볼까요?",
        "en": "That is kind of you. What shall we look at next?",
    },
    "simpler": {
        "ko": "더 쉬운 말로 바꾸는 일은 언어 모델이 있어야 할 수 있습니다. 대신 예시로 보여 드립니다.",
        "en": "Putting it in simpler words takes a language model. Here is an example instead.",
    },
    "forget": {
        "ko": "기억을 지우는 일은 학생만 할 수 있습니다. 지울 것의 번호로 `/forget 번호`라고 적어 주세요. 흔적까지 지우고 무엇을 지웠는지 보여 드립니다.",
        "en": "Only you can delete what I remember: type `/forget ID` with the id of what should go. It is deleted for good, and you are shown what went.",
    },
    "forget_what": {
        "ko": "무엇을 기억하는지는 `/memory`로 볼 수 있습니다.",
        "en": "`/memory` shows what I remember.",
    },
    "no_quiz": {
        "ko": "지금 풀고 있는 문제가 없습니다. ‘문제 내 주세요’라고 하시면 하나 내 드립니다.",
        "en": "There is no question open. Say “quiz me” and I will ask one.",
    },
    "respelled": {
        "ko": "‘{term}’에 대한 질문으로 알아듣고 찾았습니다.",
        "en": "I take it that you mean “{term}”.",
    },
    "unclear": {
        "ko": "무엇에 대한 질문인지 찾지 못했습니다. 궁금한 낱말을 하나만 적어 주시면 자료에서 찾아보겠습니다.",
        "en": "I could not tell what this is about. Give me one term and I will look it up in your material.",
    },
    "no_topic": {
        "ko": "어떤 주제를 이어 볼까요? 낱말을 하나 적어 주세요.",
        "en": "Which topic shall we go on with? Give me a term.",
    },
    "korean_only": {
        "ko": "",
        "en": "This part of the material is in Korean only:",
    },
    "code_korean": {
        "ko": "",
        "en": "(The comments and the printed words are Korean.)",
    },
    "nearest": {
        "ko": "찾으시는 대목은 자료에 없어서, 가장 가까운 대목을 보여 드립니다.",
        "en": "The material has no such part on this; the nearest one follows.",
    },
    "in_passing": {
        "ko": "자료에 따로 정의한 대목은 없고, 이 말은 다음 대목에 나옵니다.",
        "en": "The material does not define this by itself; it comes up here.",
    },
    "not_compared": {
        "ko": "두 가지를 나란히 견준 대목은 자료에 없어서, 하나씩 보여 드립니다.",
        "en": "The material does not compare the two side by side; here is one after the other.",
    },
    "claim": {
        "ko": "그 말이 맞는지 제가 판정하지는 못합니다. 자료에는 이렇게 적혀 있으니 견주어 보세요.",
        "en": "I cannot judge that myself. Compare it with what the material says.",
    },
    "misconception": {
        "ko": "자료에 자주 하는 오해로 나와 있는 내용입니다.",
        "en": "The material lists this among common misconceptions.",
    },
    "no_more": {
        "ko": "이 주제에 대해 자료에 있는 것은 모두 보여 드렸습니다. 확인 문제를 풀어 보시겠어요?",
        "en": "That is all the material has on this. Would you like a quiz question?",
    },
    "web_failed": {
        "ko": "웹에서도 찾지 못했습니다.",
        "en": "The web could not help either.",
    },
    "web_found": {
        "ko": "강의 자료에는 없는 내용이라 웹에서 찾았습니다. 누가 썼는지 확인되지 않은 글이니 직접 살펴보세요.",
        "en": "This is not in the course material, so I searched the web. Nobody here has checked these; judge for yourself.",
    },
    "notes": {
        "ko": "찾아본 강의 노트입니다. 더 있을 수도 있습니다.",
        "en": "These are the notes I came across; there may be more.",
    },
    "no_notes": {
        "ko": "아직 읽어들인 강의 자료가 없습니다. {command}로 자료를 넣어 주세요.",
        "en": "No course material was read in yet. {command} takes some in.",
    },
    "sample_course": {
        "ko": "{command}(예제 강의)나 {folder}",
        "en": "{command} (the sample course) or {folder}",
    },
    "kept_open": {
        "ko": "답하지 못한 질문으로 적어 두겠습니다.",
        "en": "I keep it as an open question.",
    },
    "remember_what": {
        "ko": "무엇을 기억할까요? ‘기억해 줘: 조 발표는 화요일’처럼 적어 주세요.",
        "en": "What shall I remember? Write it like “remember that our talk is on Tuesday”.",
    },
    "asked_to_remember": {"ko": "기억해 달라고 하신 것입니다.", "en": "You asked me to remember this:"},
    "nothing_to_remember": {
        "ko": "따로 기억해 달라고 하신 것은 아직 없습니다.",
        "en": "You have not asked me to remember anything yet.",
    },
    "you_said": {"ko": "이렇게 말씀하셨습니다.", "en": "You told me this:"},
    "as_written": {
        "ko": "제가 지어낸 말이 아니라 위에 밝힌 출처에 그렇게 적혀 있습니다. 맞는지 판단하는 일은 제가 하지 못하니, 의심스러우면 원문을 확인해 주세요.",
        "en": "I made none of it up: that is what the source named above says. Whether it is right I cannot judge, so check the original if in doubt.",
    },
    "calculated": {"ko": "계산 결과입니다.", "en": "Calculated:"},
    "not_calculated": {
        "ko": "그 식은 계산하지 못했습니다. `3*(4+5)^2`, `sqrt(2)`처럼 적어 주세요.",
        "en": "I could not calculate that. Write it like `3*(4+5)^2` or `sqrt(2)`.",
    },
    "not_kept": {
        "ko": "핵심 기억에는 적지 못했지만, 하신 말씀은 대화 기록에 남아 있습니다.",
        "en": "It did not fit into the core memory, but your words are in the record.",
    },
    "never_said": {
        "ko": "아직 말씀해 주신 적이 없습니다.",
        "en": "You have not told me yet.",
    },
    "not_said_by_then": {
        "ko": "{day}까지는 말씀해 주신 적이 없습니다. 지금 제가 아는 것은 이렇습니다.",
        "en": "By {day} you had not told me. What I know now:",
    },
    "no_last_time": {
        "ko": "지난 대화 기록에서 질문을 찾지 못했습니다.",
        "en": "I found no earlier question in our record.",
    },
    "last_time": {"ko": "이런 것을 물어보셨습니다.", "en": "You asked:"},
    "said_before": {"ko": "기록에 남은 말입니다.", "en": "This is what the record holds:"},
    "not_said_before": {
        "ko": "그 주제로 나눈 이야기는 기록에서 찾지 못했습니다.",
        "en": "I found no talk about that in our record.",
    },
}

_SECTION_NAMES: Mapping[SectionKind, Mapping[Language, str]] = {
    "definition": {"ko": "정의", "en": "definition"},
    "why": {"ko": "필요한 까닭", "en": "why it is needed"},
    "how": {"ko": "동작 방식", "en": "how it works"},
    "compare": {"ko": "비교", "en": "comparison"},
    "example": {"ko": "예시", "en": "example"},
    "code": {"ko": "코드", "en": "code"},
    "misconception": {"ko": "자주 하는 오해", "en": "common misconceptions"},
    "reference": {"ko": "더 알아보기", "en": "further reading"},
    "quiz": {"ko": "확인 문제", "en": "questions"},
    "other": {"ko": "내용", "en": "passage"},
}


_SAMPLE = Path("examples", "ai-basics")

_OFFERS: Mapping[SectionKind, Mapping[Language, str]] = {
    "compare": {"ko": "예시로 확인해 볼까요?", "en": "Shall we check it with an example?"},
    "example": {"ko": "코드로도 보시겠어요?", "en": "Would you like to see it in code?"},
    "code": {"ko": "이제 확인 문제를 풀어 보시겠어요?", "en": "Would you like a quiz question now?"},
    "misconception": {"ko": "확인 문제를 풀어 보시겠어요?", "en": "Would you like a quiz question?"},
}


def offer(section: SectionKind, language: Language) -> str:
    """Offer what comes after a section; "" where the professor's own words may."""
    return _OFFERS[section][language] if section in _OFFERS else ""


def phrase(name: str, language: Language) -> str:
    """Give one of the study model's own phrases."""
    return PHRASES[name][language]


def no_notes(language: Language) -> str:
    """Say that there is no course yet and how one is read in: the sample course by name, where its folder is found."""
    folder = f"`officehours ingest {'폴더' if language == 'ko' else 'FOLDER'}`"
    at_hand = next(
        (place for place in (_SAMPLE, Path(__file__).parents[2] / _SAMPLE) if place.is_dir()), None
    )
    command = (
        folder
        if at_hand is None
        else phrase("sample_course", language).format(
            command=f"`officehours ingest {quote(at_hand.as_posix())}`", folder=folder
        )
    )
    return phrase("no_notes", language).format(command=command)


def persona_line(lines: Lines, occasion: str, language: Language, turn: int, **values: str) -> str:
    """Give the professor's phrase for an occasion, or a plain one where the professor has none that fits."""
    own = lines.get(occasion, {}).get(language, ())
    return choose(tuple(own), turn, values) or choose(PLAIN[occasion][language], turn, values)


def source_line(section: SectionKind, file: str, ids: str, language: Language) -> str:
    """Introduce a quotation: what it is, from which file, under which id."""
    name = _SECTION_NAMES[section][language]
    if language == "ko":
        return f"강의 자료 `{file}`의 ‘{name}’ 대목입니다. {ids}" if file else f"보관해 둔 기록입니다. {ids}"
    return f"From the course notes, `{file}`, {name}: {ids}" if file else f"From what is kept: {ids}"


def day_name(day: date, language: Language) -> str:
    """Name a day: "12월 3일", "December 3"."""
    return f"{day.month}월 {day.day}일" if language == "ko" else f"{day:%B} {day.day}"


def days_left(day: date, today: date, language: Language) -> str:
    """Say how far off a day is: "22일 남았습니다", "22 days left"."""
    left = (day - today).days
    if language == "ko":
        named = {0: "오늘입니다", 1: "내일입니다(1일 남았습니다)", -1: "어제였습니다"}
        return named.get(left) or (f"{left}일 남았습니다" if left > 0 else f"{-left}일 지났습니다")
    named = {0: "it is today", 1: "it is tomorrow (1 day left)", -1: "it was yesterday"}
    return named.get(left) or (f"{left} days left" if left > 0 else f"{-left} days ago")


def called(name: str) -> str:
    """Say a Korean name as it is reported: 민지라고, 수민이라고."""
    return josa(name, "이라고/라고")
