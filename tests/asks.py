"""What students ordinarily ask of a tutor, and the call that a sensible model makes for it: none of it may wait.

`{…}` stands for the id of a memory or of an open question.
"""

from __future__ import annotations

from typing import Any

Ask = tuple[str, str, dict[str, Any]]
"""What is said, the tool, its arguments."""

PAGE = "https://example.org/notes/week1"


def core(said: str, content: str, label: str = "student") -> Ask:
    return said, "core_memory_append", {"label": label, "content": content}


def changed(said: str, old: str, new: str) -> Ask:
    return said, "core_memory_replace", {"label": "student", "old_content": old, "new_content": new}


def note(said: str, content: str, **more: str) -> Ask:
    return said, "archival_memory_insert", {"content": content} | more


def fact(said: str, content: str, quote: str) -> Ask:
    return note(said, content, kind="fact", quote=quote)


def update(said: str, which: str, content: str, quote: str) -> Ask:
    return said, "archival_memory_update", {"id": f"{{{which}}}", "content": content, "quote": quote}


def web(said: str, query: str) -> Ask:
    return said, "web_search", {"query": query}


def page(said: str, url: str) -> Ask:
    return said, "read_page", {"url": url}


def kept(said: str, query: str) -> Ask:
    return said, "archival_memory_search", {"query": query}


def talked(said: str, query: str) -> Ask:
    return said, "conversation_search", {"query": query}


ENGLISH: list[Ask] = [
    core("Remember that I prefer short answers.", "Prefers short answers."),
    core("Please note that I am allergic to peanuts.", "Allergic to peanuts"),
    core("My midterm is on December 10.", "Midterm on December 10, 2026"),
    core("My presentation is next Friday, remember that.", "Presentation on 2026-12-04"),
    core("Call me Jo from now on.", "The student goes by Jo."),
    core("Just call me JJ.", "Call me JJ"),
    core("My goal is to pass the bar exam.", "Goal: pass the bar exam"),
    core("I don't like long proofs.", "Does not like long proofs"),
    core("I now understand determinants.", "Understands determinants", "progress"),
    core("I keep confusing rank and nullity.", "Confuses rank and nullity", "progress"),
    core("Please explain with pictures first.", "Explain with pictures first", "persona"),
    core("I study at night because I work in a bakery.", "Works in a bakery, studies at night"),
    changed("I moved: I no longer live in Mapo, I live in Jeju now.", "Lives in Mapo", "Lives in Jeju"),
    changed("Forget that I play chess on Sundays.", "plays chess on Sundays", ""),
    note("Save a note: eigenvectors keep their direction.", "Eigenvectors keep their direction."),
    note("Keep this for later: the rank theorem is on page 40.", "The rank theorem is on page 40."),
    note(
        "Note down what we worked out just now, please.",
        "Worked out: the determinant of a triangle is its diagonal.",
    ),
    fact("My cat is called Dora.", "The student's cat is called Dora.", "My cat is called Dora."),
    fact("I take the bus at seven.", "Takes the bus at seven", "I take the bus at seven"),
    update(
        "My exam moved to December 17.",
        "exam",
        "The exam moved to December 17, 2026.",
        "My exam moved to December 17.",
    ),
    update("I play the violin no more, I play the cello.", "violin", "Plays the cello.", "I play the cello"),
    web("Search the web for LoRA tutorials.", "LoRA tutorials"),
    web("Look up the population of Busan, please.", "population of Busan"),
    web("What's new in Python? Check online.", "what is new in Python 2026"),
    web("Find me a good video on Fourier series.", "Fourier series video"),
    web("What is a Krylov subspace?", "Krylov subspace explained"),
    web("Please look that up on the web.", "Krylov subspace"),
    page(f"Read this page: {PAGE}", PAGE),
    page(f"Summarise {PAGE}.", PAGE),
    page("What does example.org/a/b say?", "https://example.org/a/b"),
    page("Read it again, please.", PAGE),
    page("Open the first result, please.", "https://example.org/found"),
    kept("What do you know about my exam?", "exam"),
    kept("What do my notes say on rank?", "rank"),
    talked("What did we say about eigenvalues last week?", "eigenvalues"),
    ("Take my question about the textbook off the list.", "dismiss_question", {"id": "{question}"}),
    ("What is 37 times 12?", "calculate", {"expression": "37*12"}),
]

KOREAN: list[Ask] = [
    core("저는 짧은 답을 좋아한다고 기억해 주세요.", "짧은 답을 좋아함"),
    core("저 땅콩 알레르기 있어요. 적어 두세요.", "땅콩 알레르기 있음"),
    core("중간고사가 12월 10일이에요.", "중간고사: 2026년 12월 10일"),
    core("다음 주 금요일에 발표해요. 기억해 주세요.", "발표: 2026-12-04"),
    core("저를 수진이라고 불러 주세요.", "수진이라고 불러 주세요"),
    core("앞으로 지니라고 불러 줘.", "부르는 이름은 지니"),
    core("제 목표는 토픽 6급 합격이에요.", "목표: 토픽 6급 합격"),
    core("저는 긴 증명을 안 좋아해요.", "긴 증명을 좋아하지 않음"),
    core("이제 행렬식은 이해했어요.", "행렬식은 이해함", "progress"),
    core("저는 랭크랑 널리티가 자꾸 헷갈려요.", "랭크와 널리티를 헷갈려함", "progress"),
    core("그림으로 먼저 설명해 주세요.", "그림으로 먼저 설명", "persona"),
    core("빵집에서 일해서 밤에 공부해요.", "빵집에서 일하고 밤에 공부함"),
    changed("이사했어요. 이제 마포에 안 살고 제주에 살아요.", "마포에 삶", "제주에 삶"),
    changed("일요일마다 체스를 둔다는 건 잊어 주세요.", "일요일마다 체스를 둠", ""),
    note("메모해 줘: 고유벡터는 방향이 그대로다.", "고유벡터는 방향이 그대로다."),
    note("나중에 볼 수 있게 적어 둬. 계수 정리는 40쪽에 있어.", "계수 정리는 40쪽에 있음"),
    note("방금 정리한 걸 적어 주세요.", "정리: 삼각행렬의 행렬식은 대각 성분의 곱이다."),
    fact("제 고양이 이름은 도라예요.", "고양이 이름은 도라", "제 고양이 이름은 도라예요"),
    fact("저는 일곱 시 버스를 타요.", "일곱 시 버스를 탐", "일곱 시 버스를 타요"),
    update(
        "시험이 12월 17일로 바뀌었어요.",
        "exam",
        "시험이 2026년 12월 17일로 바뀜",
        "시험이 12월 17일로 바뀌었어요",
    ),
    update(
        "이제 바이올린 말고 첼로를 켜요.",
        "violin",
        "바이올린 말고 첼로를 켬",
        "이제 바이올린 말고 첼로를 켜요",
    ),
    web("웹에서 LoRA 튜토리얼 찾아 줘.", "LoRA 튜토리얼"),
    web("부산 인구 좀 검색해 주세요.", "부산 인구"),
    web("파이썬 새 소식 검색해 줘.", "파이썬 새 소식 2026"),
    web("푸리에 급수 영상을 찾아 주세요.", "푸리에 급수 영상"),
    web("크릴로프 부분공간이 뭐예요?", "크릴로프 부분공간 Krylov subspace"),
    web("그거 인터넷에서 찾아봐 주세요.", "크릴로프 부분공간"),
    page(f"{PAGE} 이 페이지 읽어 줘.", PAGE),
    page(f"{PAGE}를 요약해 주세요.", PAGE),
    page("example.org/a/b에는 뭐라고 되어 있어?", "https://example.org/a/b"),
    page("다시 한 번 읽어 주세요.", PAGE),
    page("첫 번째 결과를 열어 주세요.", "https://example.org/found"),
    kept("제 시험에 대해 뭘 알고 계세요?", "시험"),
    kept("제 메모에 계수 정리가 어디 있다고 했죠?", "계수 정리"),
    talked("지난주에 고유값에 대해 뭐라고 했죠?", "고유값"),
    ("교재에 대한 제 질문은 이제 지워 주세요.", "dismiss_question", {"id": "{question}"}),
    ("37 곱하기 12는?", "calculate", {"expression": "37*12"}),
]

REQUESTS = {"en": ENGLISH, "ko": KOREAN}
