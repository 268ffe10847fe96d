from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from officehours.agent.learner.statements import settled
from officehours.memory.facts import (
    StatedFact,
    called,
    extract_facts,
    name_in,
    render_fact,
    settle,
    single_valued,
)
from officehours.memory.facts.clauses import corrects, is_one_clause
from officehours.memory.facts.render import repeats
from officehours.memory.text import josa

NOW = datetime(2026, 11, 3, 5, 0, tzinfo=UTC)  # a Tuesday, 14:00 in Seoul
ZONE = "Asia/Seoul"

# What is said | every fact it states: subject = words of its text.
STATED_KO = """
제 이름은 김준이입니다 | name=이름은 김준이입니다.
저는 수민인데 ReLU가 뭐예요? | name=수민
기억해 줘: 우리 조 발표는 11월 10일이야 | deadline:조발표=조 발표 마감은 2026년 11월 10일
시험이 12월 3일이래요 | exam=시험은 2026년 12월 3일입니다.
기말고사는 12월 3일이야 | exam:final=12월 3일
포인터가 너무 헷갈려요 | confusion:포인터=포인터를 헷갈려합니다.
재귀함수도 잘 이해가 안 돼 | confusion:재귀함수=재귀함수를
포인터는 이제 알겠어요 | confusion:포인터=이제 이해합니다
서윤이라고 불러줄래? | nickname=서윤
제 이름은 민지예요 | name=이름은 민지입니다.
제 이름은 김민준입니다. | name=김민준
저는 박서연이라고 합니다 | name=박서연
안녕하세요, 이지훈입니다. | name=이지훈
교수님, 저는 민지라고 해요! | name=민지
그냥 지우라고 불러 주세요 | nickname=지우
저는 민지예요. 잘 부탁드려요. | name=민지
제 이름은 Daniel이에요 | name=Daniel
저는 컴퓨터공학과 3학년 김민지라고 해요. | name=김민지
이제부터는 서윤이라고 불러 주세요 | nickname=서윤
시험이 12월 3일이에요 | exam=시험은 2026년 12월 3일입니다.
저는 컴공 3학년 이서연이에요. 기말고사는 12월 3일이고 역전파가 자꾸 헷갈려요 | name=이서연 | exam:final=12월 3일 | confusion:역전파=역전파
전 수학과 2학년 정해인입니다 | name=정해인
시험이 다음 주예요 | exam=11월 9일에서 2026년 11월 15일
선형대수 시험은 12월 3일, 통계 시험은 12월 5일이에요 | exam:linearalgebra=12월 3일 | exam:statistics=12월 5일
제 시험 12/10이에요 | exam=2026년 12월 10일
시험 날짜 12월 3일 아니고 12월 4일이에요 | exam=2026년 12월 4일
역전파 진짜 모르겠음 | confusion:역전파=역전파
인공지능 기말시험이 12월 3일이에요. | exam:final:ai=인공지능 기말시험은 2026년 12월 3일
다음 주 화요일에 선형대수 중간고사가 있어요 | exam:midterm:linearalgebra=2026년 11월 10일
12월 10일에 기말고사를 봐요 | exam:final=2026년 12월 10일
내일 통계 퀴즈가 있어요 | exam:quiz:statistics=2026년 11월 4일
제 시험은 11월 20일 오후 2시예요 | exam=2026년 11월 20일
중간고사는 다음 주 금요일입니다 | exam:midterm=2026년 11월 13일
시험까지 공부할 게 많은데 기말고사가 12월 15일이거든요 | exam:final=12월 15일
시험은 12월 3일에 봐요, 교수님 | exam=12월 3일
AI 시험 날짜는 12월 7일로 정해졌어요 | exam:ai=12월 7일
기말시험이 다음 달 3일이라서 걱정이에요 | exam:final=12월 3일
시험이 다음 주예요 | exam=2026년 11월 9일에서 2026년 11월 15일 사이
시험이 12월 5일로 바뀌었어요 | exam=시험은 2026년 12월 5일입니다.
시험이 12월 3일에서 12월 5일로 변경됐어요 | exam=12월 5일
시험은 12월 3일이 아니라 12월 5일이에요 | exam=12월 5일
기말고사가 12월 17일로 연기됐어요 | exam:final=12월 17일
아까 잘못 말했어요. 시험은 12월 4일이에요. | exam=12월 4일
중간고사가 취소됐어요 | exam:midterm=취소
역전파 과제 마감이 이번 주 금요일이에요 | deadline:역전파과제=역전파 과제 마감은 2026년 11월 6일입니다.
과제 제출이 금요일까지예요 | deadline:과제=11월 6일
보고서는 11월 30일까지 내야 해요 | deadline:보고서=11월 30일
과제 마감이 11월 9일로 미뤄졌어요 | deadline:과제=11월 9일
내일까지 숙제를 제출해야 해요 | deadline:숙제=11월 4일
12월 1일에 발표가 있어요 | deadline:발표=12월 1일
고유값이 아직도 헷갈려요 | confusion:고유값=고유값을 헷갈려합니다.
저는 아직 어텐션이 이해가 안 돼요 | confusion:어텐션=어텐션을
LoRA랑 DoRA의 차이가 헷갈립니다 | confusion:lora랑dora의차이=LoRA랑 DoRA의 차이를
베이즈 정리를 잘 모르겠어요 | confusion:베이즈정리=베이즈 정리를
소프트맥스가 왜 필요한지는 알겠는데 크로스 엔트로피가 헷갈려요 | confusion:크로스엔트로피=크로스 엔트로피를
솔직히 편미분은 감이 안 와요 | confusion:편미분=편미분을
어제 배운 연쇄 법칙이 이해가 잘 안 가요 | confusion:연쇄법칙=연쇄 법칙을
기울기 소실이 헷갈려서 질문드려요 | confusion:기울기소실=기울기 소실을
과적합하고 과소적합이 자꾸 헷갈려요 | confusion:과적합하고과소적합=과적합하고 과소적합을
RNN이 이해가 안 됩니다 | confusion:rnn=RNN을
이제 고유값은 안 헷갈려요 | confusion:고유값=고유값을 이제 이해합니다.
덕분에 역전파를 이해했어요! | confusion:역전파=역전파를 이제 이해합니다.
제 목표는 A+예요 | goal:a+=A+
이번에는 꼭 A+를 받고 싶어요 | goal:a+를받고싶어요=A+를 받고 싶어요
저는 대학원에 가고 싶어요 | goal:대학원에가고싶어요=대학원에 가고
저는 데이터 과학자가 되고 싶습니다 | goal:데이터과학자가되고싶습니다=데이터 과학자가 되고
제 목표는 12월 20일까지 토익 900점 넘기예요 | goal:토익900점넘기=목표: 토익 900점 넘기 (2026년 12월 20일까지)
제 별명은 곰이에요 | nickname=곰
별명을 여우로 바꿨어요 | nickname=여우
이름을 박서윤으로 바꿔줘 | name=박서윤
12월 12일에도 기말고사가 있어요 | exam:final:2026-12-12=기말고사는 2026년 12월 12일
시험에 합격하는 게 목표예요 | goal:시험에합격하기=시험에 합격하기
"""

STATED_EN = """
Please remember that my exam is on December 3 | exam=2026-12-03
my name is actually Emma Watson-Lee, call me Em | name=Emma Watson-Lee | nickname=Em
can you call me Sam? | nickname=Sam
actually the quiz is on September 22 now | exam:quiz=2027-09-22
i have a quiz on dec 15 | exam:quiz=2026-12-15
i dont get mitosis | confusion:mitosis=confused about mitosis
osmosis confuses me too | confusion:osmosis=osmosis
ok i get mitosis now | confusion:mitosis=now understands mitosis
My exam is on December 3 and backpropagation confuses me | exam=2026-12-03 | confusion:backpropagation=backpropagation
I'm Alex, a junior in CS, and my midterm is next Friday | name=Alex | exam:midterm=2026-11-13
the exam got moved to the 10th | exam=2026-11-10
backprop is confusing | confusion:backprop=backprop
The chain rule keeps confusing me | confusion:chainrule=chain rule
Loss functions finally make sense to me | confusion:lossfunctions=now understands
exam is tmrw | exam=2026-11-04
My name is Daniel. | name=The student's name is Daniel.
my name is daniel | name=daniel
Hi, I'm Sarah. | name=Sarah
Hello professor, I am Tom Becker. | name=Tom Becker
You can call me Alex. | nickname=Alex
Please call me Jo | nickname=Jo
I go by Sam | nickname=Sam
My name is Daniel and I'm a second-year physics major. | name=Daniel
My name's Priya, can you explain RAG? | name=Priya
My exam is on December 3. | exam=The exam is on 2026-12-03.
My machine learning exam is on December 3rd, and I still don't get overfitting. | exam:ml=2026-12-03 | confusion:overfitting=confused about overfitting
I have a linear algebra midterm next Tuesday. | exam:midterm:linearalgebra=The linear algebra midterm is on 2026-11-10.
The final is on Dec. 15 | exam:final=2026-12-15
my final in linear algebra is on december 4th | exam:final:linearalgebra=linear algebra final is on 2026-12-04
The midterm for operating systems is on December 7, and I have not begun | exam:midterm:operatingsystems=2026-12-07
Our quiz in statistics got moved to December 9 | exam:quiz:statistics=2026-12-09
There's a statistics quiz tomorrow. | exam:quiz:statistics=2026-11-04
Our exam is scheduled for November 20th at 2pm. | exam=2026-11-20
I've got a test on Friday | exam=2026-11-06
I'm taking my final exam on December 18. | exam:final=2026-12-18
The midterm is next week. | exam:midterm=between 2026-11-09 and 2026-11-15
Actually, my exam moved to December 5. | exam=2026-12-05
My exam was moved from December 3 to December 5. | exam=2026-12-05
The exam is not on December 3 but on December 5. | exam=2026-12-05
My exam is on December 5, not December 3. | exam=2026-12-05
The final has been postponed to December 20 | exam:final=2026-12-20
My midterm was cancelled. | exam:midterm=cancelled
As I told you, my exam is on December 9. | exam=2026-12-09
My assignment is due next Friday. | deadline:assignment=2026-11-13
The project report is due on November 30. | deadline:projectreport=2026-11-30
I have to submit my essay by Thursday. | deadline:essay=2026-11-05
My presentation is on December 1 | deadline:presentation=2026-12-01
The homework deadline was extended to November 12. | deadline:homework=2026-11-12
I don't get backprop. | confusion:backprop=backprop
I still don't understand eigenvalues at all | confusion:eigenvalues=eigenvalues
I'm confused about LoRA and DoRA. | confusion:loraanddora=LoRA and DoRA
I'm still really confused by attention | confusion:attention=attention
Eigenvectors confuse me. | confusion:eigenvectors=Eigenvectors
I have trouble understanding softmax. | confusion:softmax=softmax
I can't wrap my head around the bias-variance tradeoff. | confusion:biasvariancetradeoff=bias-variance
I keep mixing up precision and recall. | confusion:precisionandrecall=precision and recall
Cross entropy doesn't make sense to me. | confusion:crossentropy=Cross entropy
Backpropagation is still very confusing | confusion:backpropagation=Backpropagation
I know what RNNs are but I don't really get LSTMs | confusion:lstms=LSTMs
I finally understand backprop! | confusion:backprop=now understands backprop
I'm no longer confused about eigenvalues. | confusion:eigenvalues=now understands
My goal is to get an A by December 20 | goal:geta=Goal: get an A (by 2026-12-20)
My nickname is Fox now | nickname=Fox
change my name to Alex please | name=Alex
My name is actually Emma Lee, call me Em | name=Emma Lee | nickname=Em
I also have a final on December 12 | exam:final:2026-12-12=2026-12-12
My goal is to get an A. | goal:geta=get an A
I want to pass the course with honours | goal:passcoursewithhonours=pass the course
I'm aiming for a B+ | goal:b+=B+
I hope to become a data scientist. | goal:becomedatascientist=become a data scientist
"""

NOT_STATED_KO = """
저는 수원이에요
나는 하준이야
나 지수야
역전파가 너무 어려워요
행렬식은 자신이 없어요
저는 확률 변수에서 자꾸 막혀요
나 사실 2학년이야
전공은 사실입니다
제 전공은 물리학이에요
저는 고려대학교에 다닙니다
친구 지훈이는 시험이 12월 1일이래요
친구가 그러는데 시험이 12월 3일이래요
민수 시험은 12월 3일이에요
이름을 total로 바꿔줘
파이썬으로 바꿔 주세요
제 복수전공은 통계학이에요
학교에 버스로 다녀요
제 이름이 뭐예요?
제 이름 기억하세요?
내 이름이 뭐라고 했지
제 이름은 민지가 아니에요
내 친구 이름은 지수예요
친구가 자기 이름은 민수라고 했어요
동생 이름은 하윤이에요
제 이름은 비밀이에요
"제 이름은 민지예요"를 영어로 번역해 주세요
소설 주인공이 "저는 민지예요"라고 말해요
만약 제 이름이 민지라면 뭐라고 부르실 거예요?
저는 이걸 역전파라고 해요
저는 학생이에요
저는 이과생이에요
저는 한국인입니다
이건 RNN입니다
DoRA입니다
이 함수 이름은 소프트맥스예요?
시험이 12월 3일이에요?
시험이 12월 3일 맞죠?
시험이 언제예요?
시험이 언제인지 알려 주세요
시험까지 며칠 남았지?
시험이 12월 3일이 아니에요
시험이 12월 3일이라면 어떻게 공부해야 하나요?
만약 시험이 12월 3일이면 30일 남았네요
친구 시험은 12월 3일이에요
동생이 12월 3일에 시험을 봐요
교수님이 시험이 12월 3일이라고 하셨어요
시험이 12월 3일인 것 같아요
어제 시험을 봤어요
지난주에 중간고사가 끝났어요
12월 3일까지 시험 공부를 해요
시험 결과가 12월 3일에 나와요
시험 신청은 12월 3일까지예요
시험이 없어요
시험 범위를 알려 주세요
시험 기간에는 도서관이 12시까지 열려요
시험이 12월 3일이었으면 좋겠어요
과제가 뭐였죠?
과제를 12월 3일에 냈어요
과제 마감이 금요일인가요?
친구 과제 마감이 금요일이에요
고유값이 헷갈리나요?
고유값이 헷갈릴 수 있어요
고유값은 헷갈리기 쉬워요
친구가 고유값을 헷갈려해요
학생들이 역전파를 어려워해요
이게 헷갈려요
그게 무슨 말인지 모르겠어요
잘 모르겠어요
무슨 말씀인지 이해가 안 돼요
뭐라고 해야 할지 모르겠어요
더 이상 헷갈리지 않아요
헷갈리면 다시 물어볼게요
역전파는 어렵지 않아요
역전파가 어려운 까닭은 뭔가요?
제가 뭘 헷갈린다고 했죠?
목표가 뭐예요?
손실 함수의 목표는 무엇인가요?
RAG에 대해 알고 싶어요
역전파를 배우고 싶어요
더 자세히 듣고 싶어요
질문하고 싶은 게 있어요
친구는 A+를 받고 싶어 해요
이번 학기에 뭐 들으면 좋을까요?
제 전공이 뭐라고 했죠?
친구는 컴퓨터공학과예요
결과는 3이에요
3학년 때 뭘 배워요?
동생은 1학년이에요
더 자세히 설명해 주세요
DoRA를 예시로 설명해 주세요
예시는?
코드로 보여 주세요
쉽게 설명해 주세요
역전파를 그림으로 설명해 주실 수 있나요?
오늘 시간 있어요?
주말에 공부하면 좋을까요?
파이썬이 뭐예요?
파이썬은 쉬운가요?
처음부터 다시 설명해 주세요
안녕하세요 교수님
감사합니다
예를 들어 시험이 12월 3일이에요
`exam = "12월 3일"` 이라는 코드가 있어요
시험이 아마 12월 3일일 거예요
우리 언니는 대학원생이에요
"""

NOT_STATED_EN = """
I want to pass it on to others
I have two exams: linear algebra on December 3 and stats on December 5
I'm struggling with the chain rule
I find recursion hard.
I don't understand why attention divides by the square root.
I'm majoring in economics.
I'm a sophomore.
I'm taking linear algebra this semester.
I go to school by bus.
I prefer examples.
What is my name?
Do you remember my name?
My name is not Daniel.
My friend's name is Lisa.
My brother is called Tom.
My name is misspelled on the list.
"My name is Daniel" is a sentence.
Translate "my name is Daniel" into Korean.
If my name were Daniel, would you remember it?
I'm confused
I'm Korean.
I'm fine, thanks.
I'm ready
I'm back!
What is your name?
Is your name Kim?
Call me later
My exam is not on December 3.
Is my exam on December 3?
My exam is on December 3, right?
When is my exam?
If my exam is on December 3, how should I study?
My friend's exam is on December 3.
My sister has an exam tomorrow.
He said the exam is on December 3.
I think my exam is on December 3.
Maybe the exam is on December 3.
I wish my exam were on December 20.
I took the exam yesterday.
The exam was on October 3.
The exam results come out on December 3.
I have to study for the exam until December 3.
For example, my exam is on December 3.
There is no exam on Friday.
I failed my midterm last week.
What does the exam cover?
Tell me when my exam is.
How many days until my exam?
Registration for the exam closes on December 3.
The test error is high.
The test set has 100 rows.
I submitted my essay on Monday.
When is the assignment due?
My roommate's assignment is due on Friday.
I don't get it.
I don't understand.
I don't understand what you said.
I'm lost.
Are you confused about attention?
Students often confuse LoRA and DoRA.
My friend doesn't get backprop.
People find recursion hard.
You don't understand me.
I'm not confused.
I don't get enough sleep.
Why do students find eigenvalues confusing?
What was I confused about?
I want to know about RAG.
I want to understand backprop.
I want to ask a question.
I'd like to learn more about attention.
What is the goal of RLHF?
My goal is not to pass.
I want to get back to the last topic.
My friend wants to get an A.
I'm taking a break.
I'm taking notes.
Should I take linear algebra?
My brother is taking statistics.
What's my major?
My roommate is majoring in physics.
He is a sophomore.
I'm a big fan of yours.
Tell me more.
Explain DoRA with an example.
Can you give me an example?
How about code?
Do you prefer examples?
Explain it simply.
Are you free on Monday?
I'm free to talk
Is Python new to you?
I'm good at this
Thanks a lot!
Hello!
Suppose my exam is on December 3.
Let's say I'm a beginner in Python.
The professor's name is Kim.
I took the midterm in October
my exam was in March
This does not make sense now
Someone told me the exam is tomorrow.
She is majoring in physics.
"""


def stated(block: str) -> list[tuple[str, dict[str, str]]]:
    cases: list[tuple[str, dict[str, str]]] = []
    for line in block.strip().splitlines():
        said, *facts = [part.strip() for part in line.split(" | ")]
        cases.append((said, dict(fact.split("=", 1) for fact in facts)))
    return cases


def lines(block: str) -> list[str]:
    return block.strip().splitlines()


def language(text: str) -> str:
    return "ko" if any("가" <= letter <= "힣" for letter in text) else "en"


def facts(text: str, spoken: str | None = None) -> dict[str, str]:
    found = extract_facts(text, NOW, ZONE)
    return {fact.subject: render_fact(fact, spoken or language(text)) for fact in found}


def test_the_hand_made_cases_are_as_many_as_they_should_be() -> None:
    assert len(stated(STATED_KO)) + len(stated(STATED_EN)) >= 120
    assert len(lines(NOT_STATED_KO)) >= 80
    assert len(lines(NOT_STATED_EN)) >= 80


@pytest.mark.parametrize(("said", "expected"), [*stated(STATED_KO), *stated(STATED_EN)])
def test_what_a_student_states_is_found_under_its_subject(said: str, expected: dict[str, str]) -> None:
    found = facts(said)

    assert set(found) == set(expected)
    for subject, words in expected.items():
        assert words in found[subject]


@pytest.mark.parametrize("said", [*lines(NOT_STATED_KO), *lines(NOT_STATED_EN)])
def test_what_is_not_stated_gives_no_fact(said: str) -> None:
    assert facts(said) == {}


@pytest.mark.parametrize(("said", "expected"), [*stated(STATED_KO), *stated(STATED_EN)])
def test_a_fact_quotes_the_students_own_words(said: str, expected: dict[str, str]) -> None:
    for fact in extract_facts(said, NOW, ZONE):
        assert fact.quote in said
        assert fact.valid_from == NOW


@pytest.mark.parametrize("said", ["기말고사는 12월 3일이에요", "My final is on December 3"])
def test_a_first_statement_changes_nothing(said: str) -> None:
    assert [fact.change for fact in extract_facts(said, NOW, ZONE)] == [False]


def test_a_day_is_counted_in_the_students_zone() -> None:
    late = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)

    (seoul,) = extract_facts("내일 시험이 있어요", late, "Asia/Seoul")
    (london,) = extract_facts("I have an exam tomorrow", late, "Europe/London")

    assert seoul.day == date(2026, 11, 5)
    assert london.day == date(2026, 11, 4)


def test_a_day_counted_in_weeks_is_only_about_right_and_says_so() -> None:
    (fact,) = extract_facts("시험이 3주 남았어요", NOW, ZONE)

    assert fact.day == date(2026, 11, 24)
    assert fact.polarity == "about"
    assert "11월 24일쯤" in render_fact(fact, "ko")


def test_the_sentence_is_in_the_students_language_and_the_quote_as_it_was_said() -> None:
    (fact,) = extract_facts("My exam is on December 3.", NOW, ZONE)

    assert render_fact(fact, "ko") == "exam은 2026년 12월 3일입니다."
    assert render_fact(fact, "en") == "The exam is on 2026-12-03."
    assert fact.quote == "My exam is on December 3."


def test_of_two_statements_on_one_subject_in_a_message_the_last_holds() -> None:
    (fact,) = extract_facts("시험이 12월 3일이에요. 아, 시험은 12월 5일이에요.", NOW, ZONE)

    assert fact.day == date(2026, 12, 5)


@pytest.mark.parametrize(
    "said",
    [
        "I have an exam on December 3. I have an exam on December 10.",
        "시험이 12월 3일에 있어요. 시험이 12월 10일에 있어요.",
    ],
)
def test_two_exams_without_a_name_are_two(said: str) -> None:
    assert [fact.day for fact in extract_facts(said, NOW, ZONE)] == [date(2026, 12, 3), date(2026, 12, 10)]


def test_korean_and_english_words_for_a_course_share_a_subject() -> None:
    (korean,) = extract_facts("기계학습 기말고사가 12월 3일이에요", NOW, ZONE)
    (english,) = extract_facts("My machine learning final is on December 3", NOW, ZONE)

    assert korean.subject == english.subject == "exam:final:ml"


def one(text: str) -> StatedFact:
    (fact,) = extract_facts(text, NOW, ZONE)
    return fact


def test_a_loose_correction_takes_subject_and_name_of_the_only_exam_known() -> None:
    known = [one("인공지능 기말고사가 12월 3일이에요"), one("제 이름은 민지예요")]
    fact = settle(one("시험이 12월 5일로 바뀌었어요"), known)

    assert fact.change
    assert fact.subject == "exam:final:ai"
    assert render_fact(fact, "ko") == "인공지능 기말고사는 2026년 12월 5일입니다."
    moved = settle(one("My exam moved to December 5."), [one("My AI final is on December 3.")])
    assert render_fact(moved, "en") == "The AI final is on 2026-12-05."


@pytest.mark.parametrize(
    ("said", "known", "subject"),
    [
        ("기말고사가 12월 5일로 바뀌었어요", "인공지능 기말고사가 12월 3일이에요", "exam:final:ai"),
        ("AI 기말고사가 12월 5일로 바뀌었어요", "시험이 12월 3일이에요", "exam"),
        ("시험은 12월 3일이에요", "인공지능 기말고사가 12월 3일이에요", "exam:final:ai"),
        ("시험은 12월 20일이에요", "인공지능 기말고사가 12월 3일이에요", "exam"),
        ("과제 마감이 11월 9일로 미뤄졌어요", "역전파 과제 마감이 11월 6일이에요", "deadline:역전파과제"),
        ("과제 마감이 11월 9일로 미뤄졌어요", "보고서 마감이 11월 6일이에요", "deadline:과제"),
    ],
)
def test_a_loose_name_means_the_one_known_exam_only_if_it_corrects_or_says_the_same(
    said, known, subject
) -> None:
    assert settle(one(said), [one(known)]).subject == subject


@pytest.mark.parametrize(
    ("subject", "single"),
    [
        ("name", True),
        ("major", True),
        ("exam:final", True),
        ("confusion:고유값", True),
        ("goal:geta", True),
        ("exam", False),
        ("deadline:과제", False),
        ("major:통계학", False),
        ("allergy", False),
        ("home", False),
    ],
)
def test_of_a_closed_list_of_subjects_a_person_has_only_one(subject, single) -> None:
    assert single_valued(subject) is single


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("지도교수님이 이수진 교수님으로 바뀌었어요", True),
        ("제 동아리는 연극부가 아니라 합창단이에요", True),
        ("안암동으로 이사했어요", True),
        ("My advisor is now Professor Baker", True),
        ("It's not Tuesday but Friday", True),
        ("Actually it's room 415", True),
        ("I no longer live in Leeds", True),
        ("땅콩 알레르기가 있어요", False),
        ("새우 알레르기도 있어요", False),
        ("I'm not good at maths", False),
        ("I actually like jazz", False),
        ("I now have two dogs", False),
    ],
)
def test_a_correction_is_one_in_so_many_words(text, says_so) -> None:
    assert corrects(text) is says_so


@pytest.mark.parametrize(
    ("text", "one_thing"),
    [
        ("기말고사는 12월 3일 10시 공학관이에요", True),
        ("My final is on December 3", True),
        ("시험은 12월 3일이고 땅콩 알레르기가 있어요", False),
        ("My final is on December 3 and I hate peanuts", False),
        ("I live in York. My final is on December 3.", False),
    ],
)
def test_one_clause_says_one_thing(text, one_thing) -> None:
    assert is_one_clause(text) is one_thing


@pytest.mark.parametrize(
    "text", ["시험이 12월 3일이군요.", "on December 3", "Dec. 3", "3 December", "2026-12-03", "12/3"]
)
def test_a_day_is_found_in_any_way_of_writing_it(text) -> None:
    assert repeats(text, one("시험이 12월 3일이에요"))
    assert not repeats(text.replace("3", "30"), one("시험이 12월 3일이에요"))


def test_a_loose_correction_stays_loose_where_it_could_mean_several_exams_or_none() -> None:
    fact = one("시험이 12월 5일로 바뀌었어요")

    assert settle(fact, [one("AI 기말고사가 12월 3일이에요"), one("통계 퀴즈가 12월 1일이에요")]) == fact
    assert settle(fact, []) == fact


def test_a_new_exam_does_not_take_the_subject_of_another() -> None:
    assert (
        settle(one("기말고사가 12월 5일이에요"), [one("중간고사가 11월 20일이에요")]).subject == "exam:final"
    )


def test_code_and_quoted_replies_are_not_the_students_statements() -> None:
    assert facts("> 시험이 12월 3일이에요\n이 부분 다시 설명해 주세요") == {}
    assert facts("```\nMy name is Daniel.\n```\nWhat does this print?") == {}


def test_a_quote_keeps_quoted_words_and_typographic_signs_to_the_letter() -> None:
    said = "제 이름은 민지예요(“옥돌 민”이에요). I’m aiming for an A."

    quotes = [fact.quote for fact in extract_facts(said, NOW, ZONE)]

    assert quotes == ["I’m aiming for an A."]


def test_a_pasted_text_is_read_no_further_than_a_message_goes() -> None:
    assert facts("이 글을 보세요. " * 1_000 + "제 이름은 민지예요.") == {}


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("고유값", "을/를", "고유값을"),
        ("역전파", "을/를", "역전파를"),
        ("RNN", "은/는", "RNN은"),
        ("ReLU", "은/는", "ReLU는"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("12월 3", "은/는", "12월 3은"),
    ],
)
def test_particles_agree_with_the_word_before_them(word: str, pair: str, expected: str) -> None:
    assert josa(word, pair) == expected


@pytest.mark.parametrize(
    ("said", "known", "day"),
    [
        ("시험이 일주일 미뤄졌어", "인공지능 기말고사는 12월 3일이에요", (12, 10)),
        ("과제 마감이 이틀 당겨졌대", "역전파 과제 마감이 11월 20일이에요", (11, 18)),
        ("시험이 3일 늦춰졌어요", "시험은 12월 3일이에요", (12, 6)),
        ("마감이 하루 연장됐어요", "보고서는 11월 30일까지 내야 해요", (12, 1)),
        ("the final got postponed by a week", "My AI final is on December 3", (12, 10)),
        ("the quiz moved up two days", "There's a quiz on November 20", (11, 18)),
        ("the essay is now due two days later", "My history essay is due on November 20", (11, 22)),
        ("they pushed the exam back a month", "My exam is on November 20", (12, 20)),
    ],
)
def test_a_day_moved_by_a_length_is_counted_from_the_one_that_was_known(said, known, day) -> None:
    before = one(known)
    fact = settle(one(said), [before, one("제 이름은 민지예요")])

    assert (fact.subject, fact.value) == (before.subject, before.value)
    assert (fact.day, fact.change, fact.shift) == (date(2026, *day), True, None)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("시험이 일주일 미뤄졌어", []),
        ("시험이 일주일 미뤄졌어", ["통계 시험은 12월 3일이에요", "물리 시험은 12월 7일이에요"]),
        ("시험이 일주일 미뤄졌어", ["시험이 12월 3일에 있어요", "시험이 12월 10일에 있어요"]),
        ("퀴즈가 일주일 미뤄졌어", ["기말고사는 12월 3일이에요"]),
        ("the exam was postponed by a week", ["My essay is due on November 20"]),
    ],
)
def test_a_move_that_may_mean_several_exams_or_none_says_no_day(said, known) -> None:
    fact = settle(one(said), [one(text) for text in known])

    assert (fact.day, fact.change) == (None, False)
    assert settled([one(said)], [one(text) for text in known]) == []


def test_of_an_exam_that_is_over_no_move_is_meant() -> None:
    later = datetime(2026, 12, 1, tzinfo=UTC)
    known = [one("통계 시험은 11월 20일이에요"), one("물리 시험은 12월 7일이에요")]
    (said,) = extract_facts("시험이 하루 미뤄졌어요", later, ZONE)

    assert settle(said, known).day == date(2026, 12, 8)


def test_a_move_said_twice_in_the_same_words_moves_once() -> None:
    said = one("시험이 일주일 미뤄졌어")
    moved = settle(said, [one("시험은 12월 3일이에요")])

    assert settle(said, [moved]).day == moved.day == date(2026, 12, 10)


def test_a_move_of_which_no_day_is_known_is_not_said_to_be_a_cancellation() -> None:
    assert render_fact(one("시험이 일주일 미뤄졌어"), "ko") == "시험은 1주 미뤄졌습니다."
    assert render_fact(one("the quiz moved up two days"), "en") == "The quiz is 2 days earlier than it was."


def test_what_is_clear_now_ends_the_confusion_it_is_a_shorter_name_of() -> None:
    (ended,) = settled([one("재귀는 이제 이해했어요")], [one("재귀함수가 헷갈려요")])

    assert (ended.subject, ended.polarity) == ("confusion:재귀함수", "understood")
    assert settled([one("재귀는 이제 이해했어요")], [one("포인터가 헷갈려요")]) == []


def test_a_new_name_ends_the_nickname_and_an_added_one_does_not() -> None:
    name, nickname = extract_facts("my name is actually Emma Lee, call me Em", NOW, ZONE)
    known = [name, nickname]

    assert called(known) == "Em"
    assert called([*known, *settled([one("My name is Emma Lee")], known)]) == "Em"
    assert called([*known, *settled([one("change my name to Alex please")], known)]) == "Alex"
    assert called([*known, *settled([one("이름을 박서윤으로 바꿔줘")], known)]) == "박서윤"


@pytest.mark.parametrize("kind", ["school", "year", "major", "course"])
def test_kinds_that_rules_read_no_more_are_still_said_where_a_store_holds_them(kind) -> None:
    fact = StatedFact(kind, kind, "통계", "통계", NOW, ZONE)

    assert "통계" in render_fact(fact, "ko")
    assert "통계" in render_fact(fact, "en")


DRAWN = [
    [part.strip() for part in line.split(" |")]
    for line in Path(__file__).with_name("said.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("said", "before", "kept"), DRAWN)
def test_what_was_drawn_afresh_is_kept_as_it_was_meant(said: str, before: str, kept: str) -> None:
    when = datetime(2026, 9, 8, 5, 0, tzinfo=UTC)
    known = extract_facts(before, when - timedelta(days=2), ZONE)
    begun = [
        replace(f, polarity="holds") for f in extract_facts(said, when, ZONE) if f.polarity == "understood"
    ]
    facts = settled(extract_facts(said, when, ZONE), [*known, *begun])

    found = {
        f"{f.kind}={f.value}{f'@{f.day}' if f.day else ''}{'!' if f.polarity == 'understood' else ''}"
        for f in facts
    }
    assert found == {fact for fact in kept.split(" & ") if fact}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("민수", "민수"),
        ("김 서윤", "김 서윤"),
        ("제 이름은 김서윤이에요", "김서윤"),
        ("안녕하세요, 서윤이에요", "서윤"),
        ("서윤이라고 불러 주세요", "서윤"),
        ("hi, I'm Sam", "Sam"),
        ("just call me J", "J"),
        ("emma watson-lee", "emma watson-lee"),
        ("My name's Priya, can you explain RAG?", "Priya"),
        ("李明", "李明"),
        ("뭐라고 해야 돼?", None),
        ("이름을 왜 물어봐", None),
        ("시험 범위 알려줘", None),
        ("what is this", None),
        ("explain recursion", None),
        ("/help", None),
        ("안녕하세요", None),
        ("hello", None),
        ("skip", None),
    ],
)
def test_a_line_typed_where_a_name_is_asked_for_gives_the_name_only(typed: str, name: str | None) -> None:
    assert name_in(typed) == name
