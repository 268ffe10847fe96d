"""What Korean clauses state of exams, deadlines, goals and confusions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import Clause, Rule, of_others
from .dated import frames, read_dated
from .names import MADE
from .values import Found

_HEAD = re.compile(
    r"^(?:(?:안녕하세요|교수님|선생님|네|아|아\s*참|참|음|어|근데|그런데|그리고|그래서|사실|드디어|방금|아까|저는|전|나는|난|저|나|제|내|저희|우리|"
    r"솔직히|일단|특히|아직도?|여전히|요즘|지금|오늘|어제|수업에서|배운|이번\s*학기에?|이번에?|학교|마지막|이제|(?:기억해|적어)\s*(?:줘|주세요|둬))[\s,.!~:]+)+"
)
_END = re.compile(r"[\s.!~…,ㅎㅋㅠㅜ^♡]+$")


def _bare(text: str) -> str:
    return _HEAD.sub("", _END.sub("", text))


# Exams and deadlines

_LABEL = r"(?:[가-힣A-Za-z0-9+#]+(?<![은는이가을를에서도고네])\s+){0,2}?[가-힣A-Za-z0-9+#]*"
_IS = r"(?:이에요|예요|에요|입니다|이야|야|임|이고|고|인데|이라서|라서|이니까|이거든요?|거든요?|이?네요?|이?래요?|이랍니다)"
_THERE = r"\s*있(?:어요?|습니다|다|음|는데|고|거든요?|어서|으니까|네요?|대요?|답니다)"
_TAKE = r"\s*(?:봐요?|봅니다|보는데|보거든요?|본대요?|쳐요?|칩니다|치는데|치러요?|치릅니다)"
_HAND_IN = r"\s*(?:내야|제출해야|끝내야)\s*(?:해요?|합니다|돼요?|됩니다|하는데|한대요?)"
_WHEN = r"◆(?:\s*(?:\([^)]*\)|오전|오후|아침|저녁|밤|낮|[0-9]+시(?:\s*(?:반|[0-9]+분))?(?:부터|까지)?))*"
_LATER = r"(?:미뤄|미뤘|연기|늦춰|늦췄|밀렸|밀려|연장|늘어)"
_EARLIER = r"(?:당겨|당겼|앞당)"
_DONE = r"(?=\S*(?:[었했났됐됬졌췄겼렸꼈뀜된됨뤘뀐]|진대|진다고))"
_DATED = frames(
    rf"(?P<exam>{_LABEL}(?:시험|고사|기말|중간|퀴즈|면접))(?:\s?(?:날짜|일정|날|일))?",
    rf"(?P<deadline>{_LABEL}(?:과제|숙제|보고서|레포트|리포트|프로젝트|발표|논문|제안서|에세이|마감))"
    r"(?:\s?(?:마감일?|마감\s?날짜|제출일?|제출\s?마감|기한|발표일|날짜|일정))?",
    rf"NP[은는]\s*{_WHEN}(?:까지)?",  # "AI 시험은 12월 3일, 통계 시험은 12월 5일이에요"
    rf"NP[은는이가도]?\s*{_WHEN}(?:까지|에도?)?(?:{_IS}|{_THERE}|\s?남?았?어요)",
    rf"NP[은는을를도]?\s*{_WHEN}(?:에도?)?{_TAKE}",
    rf"NP[은는을를]?\s*{_WHEN}까지{_HAND_IN}",
    rf"{_WHEN}(?:에도?)?\s*NP[이가은는을를도]?(?:{_IS}|{_THERE}|{_TAKE})",
    rf"{_WHEN}까지\s*NP[을를]?{_HAND_IN}",
    rf"NP[이가은는을를]?\s*(?:◆에서\s*)?{_WHEN}(?:까지)?(?:으로|로)\s*{_DONE}(?:바뀌|바뀐|바꼈|변경|확정|정해|잡혔|옮겨|옮겼|조정|{_LATER}|{_EARLIER})\S*",
    rf"NP[이가은는]?\s*◆[이가]?\s*(?:아니라|아니고|말고)\s*{_WHEN}(?:까지)?{_IS}",
    rf"NP[이가은는을를]?\s*◇(?:만큼|이나|정도|쯤)?\s*(?:더\s*)?{_DONE}(?:(?P<later>{_LATER})|(?P<earlier>{_EARLIER}))\S*",
    r"NP[이가은는]?\s*(?P<off>취소\s*(?:됐|되었|됬|된))\S*",
)
_HEARD = re.compile(r"[대래]요?$")
_PERSON = re.compile(rf"(?!경영|기하|유기){MADE}\s(?!◆|◇)")  # "민수 시험"


def _dated(clause: Clause) -> Iterator[Found]:
    text, _, _ = clause.masked
    text = _bare(text)
    # "친구 시험이래요": hearsay counts of one's own exam only, and is one's own where nobody else is spoken of.
    heard_of = clause.said if _HEARD.search(text) else clause.sentence
    if not of_others(heard_of) and not _PERSON.match(text):
        yield from read_dated(_DATED, text, clause)


# Goals

_GOALS = (
    re.compile(
        r"^(?:(?:제|내|저의)\s*)?(?:이번\s*학기\s*|올해\s*)?목표는\s*(?P<goal>.+?)\s*(?:이에요|예요|입니다|이야|야|이고|인데)$"
    ),
    re.compile(
        r"^(?P<stem>[^,]{1,40}?[하받되가붙따넘])는\s*(?:게|것이)\s*(?:제\s*|내\s*)?목표(?:예요|입니다|야)$"
    ),
    re.compile(
        r"^(?:이번에는?\s+|꼭\s+|졸업하고\s+|나중에\s+)*(?P<goal>[^,]{1,30}?[을를이가에]\s*(?:받|되|가|합격하|붙|진학하|취업하|따)고\s*싶(?:어요?|습니다))$"
    ),
)
_NO_GOAL = re.compile(
    r"집에|화장실|여행|놀러|뭐|무엇|함수|모델|알고리즘|않|안\s|못|없|아니|도움|답을|설명|알고"
)


def _goals(clause: Clause) -> Iterator[Found]:
    text = _bare(clause.text)
    found = next((m for rule in _GOALS if (m := rule.search(text))), None)
    if found and not _NO_GOAL.search(text):
        said = found.groupdict()
        yield Found("goal", *clause.apart(said.get("goal") or f"{said['stem']}기"))


# Confusions

_OFTEN = r"(?:(?:아직도?|여전히|자꾸|너무|좀|조금|계속|정말|진짜|제일|가장|많이|매번|늘|항상|특히|잘|도무지|전혀|도통|완전히?|제대로|더|되게|엄청|이제는?|드디어|확실히|다|하나도)\s*)*"
_TOPIC = r"^(?P<topic>.+?)(?:[이가은는을를도]|이?랑|에\s*대해서?)?\s+"
_HARD = re.compile(
    rf"{_TOPIC}{_OFTEN}(?:헷갈(?:려|리|린|립|림)|이해(?:가|를|도)?\s*(?:잘\s*)?(?:안|못)\s*[돼되됩가갑해하했됨]|이해하기\s*(?:어려|힘들|어렵)|"
    r"감이?\s*안\s*[와옵잡])\S*(?<=[요다어아려네데서고음림됨돼해가와여])$|"
    r"^(?P<other>.+?)[이가은는을를도]?\s+(?:아직도?\s*)?(?:잘|전혀|하나도|정말|진짜)\s*모르겠(?:어요?|습니다|음|다|네요?|는데)$"
)
_CLEAR = re.compile(
    rf"{_TOPIC}{_OFTEN}(?:이해(?:가|를)?\s*[했됐되돼가갔]|알겠|알\s*것\s*같|안\s*헷갈|헷갈리지\s*않|감\s*잡|감이?\s*[왔잡])\S*$"
)
_AT_LAST = re.compile(r"이제|드디어|덕분에|확실히|더\s*이상")
_NO_TOPIC = re.compile(
    r"(?:^|\s)(?:이게|그게|저게|[이그저]거|[이그저]것|이건|그건|[이그저]\s*(?:부분|문제|말)|여기|거기|저|나|제가|내가|뭐\S*|뭔\S*|무슨|무엇|어떻게|왜|어디\S*|어느|어떤|"
    r"누구|언제|말|말씀|설명|질문|문제|답|\S*이름|\S*날짜|\S*시간|\S*일정|약속|\S*번호|\S*주소|길|강의실|요일|자리|진로|마음|점심|방금|예전|옛날|처음에는?|더\s*이상|안|못|또|다|\S+들|\S+[은는]지|\S+[을할]지)(?:[이가은는을를도에]?)(?=\s|$)"
)
_AROUND = re.compile(rf"^(?:덕분에|이제는?|드디어|아|오)\s+|\s+{_OFTEN}$")


def _confusions(clause: Clause) -> Iterator[Found]:
    text = _bare(clause.text)
    clear = _CLEAR.match(text) if _AT_LAST.search(clause.text) else None
    hard = None if clear else _HARD.match(text)
    found = clear or hard
    if found is None:
        return
    topic = _topic(found["topic"] or (hard["other"] if hard else ""))
    if topic:
        yield Found("confusion", topic, polarity="understood" if clear else "holds")


def _topic(words: str) -> str:
    """Give the noun phrase that is hard, without the adverbs around it; "" where it is none of the course."""
    topic = _AROUND.sub("", _HEAD.sub("", f"{words} ").strip() + " ").strip()
    return "" if len(topic.split()) > 5 or _NO_TOPIC.search(topic) else topic


RULES: tuple[Rule, ...] = (_dated, _goals, _confusions)
