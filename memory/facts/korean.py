"""What Korean clauses state about the student: names, exams and deadlines, one small rule a kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..dates import Span, shift_in
from .clauses import Clause, Rule, corrects
from .values import Found

ME = r"(?:(?:저는|전|저|나는|난|나|제가|내가)(?=\s))"
IS = r"(?:이에요|예요|에요|입니다|이야|야|임|이고|고|인데|이구요|구요|이라서|라서|이니까|니까|이며|이라고\s*(?:합니다|해요|해|하고|하는데)|라고\s*(?:합니다|해요|해|하고|하는데))"
NOW = r"(?:아직도?|여전히|자꾸|너무|좀|조금|계속|정말|진짜|제일|가장|많이|매번|늘|항상|요즘|사실|특히|잘|도무지|전혀|도통|완전히|제대로|저는|전|제게는|저한테는|더|무척|매우|또|다시)"
NEGATED = re.compile(r"아니(?!라|고)|아닌|아닙|않|안\s|못\s|못해|없(?!어졌)|말아")


def bare(text: str) -> str:
    """A clause without the signs and the greeting at its ends."""
    text = re.sub(r"[\s.!~…,ㅎㅋㅠㅜ^♡]+$", "", text)
    return re.sub(
        r"^(?:(?:안녕하세요|안녕하십니까|반갑습니다|교수님|선생님|네|아\s*참|아참|참|아|음|어|저기)[\s,.!~]+)+",
        "",
        text,
    )


# Names

_SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기왕금옥육인맹제모탁국"
_GIVEN = "민지서윤하준우현수진영은혜미경아연주희정성호석훈재형태규동상유나라솔예린다빈찬건승기원선도이시온별봄슬한범철용환인세보"
_NO_NAMES = re.compile(
    r"이과생|문과생|대학생|고등학생|중학생|신입생|유학생|공대생|편입생|재수생|전공자|비전공자|노동자|조교|강사|교사|한국인|외국인|"
    r"직장인|성인|공무원|연구원|조합원|회사원|문외한|초보|비밀|서민|시민|주민|정상|수영|현재|진주|남자|여자|남학생|여학생|이름|"
    r"미정|한국|서울|부산|인간|기자|신자|환자|조장|반장|부장|과장|이사|선수|가수|지각|안돼|모두|하나|이거|그거|저거|이것|"
    r"그것|전부|제일|처음|다음|이번|지금|오늘|한명|혼자|도전|시험|공부|정도|기말|중간|아직|이상|동기|원래|우선|유일|유리|"
    r"나이|나라|아이|우리|하지|어려운|흔한|특이|정시생|수시생|이공계|문과|이과|예민|진심|진지|인기|성실|안민|지원자|이용자"
)
_NAME = r"(?P<name>[가-힣]{2,5}?|[A-Za-z][A-Za-z'.-]*(?:\s[A-Z][A-Za-z'.-]*){0,2})"
_NICKNAME = re.compile(
    rf"^(?:(?:제|저의|내|나의)\s*)?별명[은이을]\s*(?P<name>[^,\s]{{1,12}}?)(?:{IS}|(?:으로|로)\s*(?:바뀌|바꿨|변경)\S*)$"
)
_NAME_IS = (
    re.compile(rf"(?:^|[\s,])(?:제|저의|내|나의)\s*이름은?\s*{_NAME}\s*{IS}(?![가-힣])"),
    re.compile(rf"^이름\s*[:：]\s*{_NAME}$"),
    re.compile(
        rf"^{ME}\s*(?:\S*(?:과|학년|학부|대학교?|전공|학번|학생|살|에서\s온|다니는|사는|재학\s?중인|분반|반)\s+)*{_NAME}\s*이?라고\s*(?:합니다|해요|해)$"
    ),
    re.compile(
        rf"^(?:(?:저를|절|저는|전|나를|그냥|앞으로는?|이제는?|이제부터는?|편하게|제\s*이름은|이름은)\s*)*{_NAME}(?<![을를걸건])(?:이?라고|으로|로)\s*(?:불러\s*(?:주|줘)|개명)"
    ),
    re.compile(rf"^(?:제|내)?\s*이름을\s*{_NAME}(?:으로|로)\s*(?:바꿨|바꾸었|바꿔|바꾸고)"),
    re.compile(
        rf"^(?P<name>[{_SURNAMES}][{_GIVEN}]{{2}})(?:이라고\s*(?:합니다|해요)|라고\s*(?:합니다|해요)|입니다|이에요|예요)$"
    ),
    re.compile(
        rf"^{ME}\s*(?:\S*(?:과|학년|학부|대학교?|전공|학번|학생|살|에서\s온|다니는|사는|재학\s?중인|분반|반)\s+)*(?P<name>[{_SURNAMES}]?[{_GIVEN}]{{2}}?)(?:이에요|예요|입니다|이야|야|이고|고|인데)$"
    ),
    re.compile(
        rf"^{ME}\s*(?:\S+\s+){{0,3}}?(?:\S*학과|\S+과|\S*[1-6]학년|\S*학번)\s+(?P<name>[{_SURNAMES}][가-힣]{{2}}(?<![생자원]))(?:이에요|예요|입니다|이야|야|이고|고|인데)$"
    ),
)


def _names(clause: Clause) -> Iterator[Found]:
    words = bare(clause.text)
    if nickname := _NICKNAME.search(words):
        yield Found("nickname", nickname["name"])
        return
    for pattern in _NAME_IS:
        found = pattern.search(words)
        if (
            found
            and not _NO_NAMES.fullmatch(found["name"])
            and not found["name"].endswith(("학년", "학번", "초보", "전공", "학과"))
        ):
            yield Found("nickname" if "불러" in words else "name", found["name"])
            return


# Exams and deadlines

_EXAM = re.compile(
    r"(?P<word>[가-힣A-Za-z0-9]*(?:시험|중간고사|기말고사|모의고사|고사|기말|중간|퀴즈|쪽지시험|토익|토플|면접))(?P<after>날짜|일정|일자|날|일)?(?P<particle>[이가은는을를도만엔에]?|까지)(?=[\s,]|$|이에요|예요|입니다|이야|인데|이고|이라)"
)
_WORK = re.compile(
    r"(?P<word>[가-힣A-Za-z0-9]*(?:과제|숙제|보고서|레포트|리포트|프로젝트|발표|논문|제안서))(?:\s?(?P<after>마감일?|제출일?|제출\s?마감|기한|발표일))?(?P<particle>[이가은는을를도의]?)(?=[\s,]|$|이에요|예요|입니다|인데|이고)"
)
_NO_LABEL = re.compile(
    r"^(?:제|저|저의|내|나|우리|저희|이번|다음|지난|저는|전|나는|아|참|아참|어|네|그|그리고|그런데|근데|사실|진짜|정말|드디어|벌써|곧|또|오전|오후|"
    r"아침|저녁|학기|학교|마지막|첫|중요한|큰|오늘|내일|모레|교수님|선생님|안녕하세요|음|이제|다시|다른|새|있는|보는|치는|볼|칠|"
    r"주|달|주에|달에|에|날|[0-9]+시|[0-9]+시에)$|(?:에|은|는|이|가|을|를|도|로|서|고|의|면|요|만|일|월|년|부터|까지)$"
)
_STATED_TAIL = re.compile(
    r"^(?:이에요|예요|에요|입니다|이야|이고|고|인데|이구요|이라서|라서|이니까|임|이라|여서|이며|이거든요?|(?:았|은)\S{1,4})?$|"
    r"있(?:어요?|습니다|다|음|는데|고|거든요?|어서|으니까|네요|답니다)$|(?:봐요?|봅니다|보는데|보게\s됐어요|보거든요|봐서|보고|보니까|쳐요?|칩니다|치는데|치러요|치릅니다|치고|쳐서)$|"
    r"(?:바뀌|바뀐|바꼈|변경|연기|연장|미뤄|미루|당겨|당긴|옮겨|옮긴|잡혔|잡혀|확정|정해|예정|시작|밀렸|밀려|조정)\S{0,8}$"
)
_CANCELLED = re.compile(r"취소\s*(?:됐|되었|됬|된)|없어졌|사라졌")
_NOT_THE_EXAM = re.compile(
    r"(?:시험|고사|기말|중간|퀴즈)\s?(?:대비|준비|공부|범위|결과|점수|성적|신청|접수|등록|감독|지|문제|자료|기간|장소|시간표|전|후|끝|때)|공부|준비|대비|복습|범위|결과|점수|성적|신청|접수|"
    r"망쳤|망했|끝났|끝나|봤|쳤|보았|치렀|있었|였어|였습|이었|작년|재작년|지난\s?(?:주|달|학기)|어제|그저께|까지|전까지|스터디|수업"
)
_REPLACED = re.compile(r"(?:이|가)?\s*(?:아니라|아니고|말고(?!사))\s*|에서\s+|대신에?\s+")
_DUE = re.compile(r"까지|마감|제출|내야|기한|데드라인")


def _exams(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    found = _EXAM.search(text)
    if found is None or _NOT_THE_EXAM.search(_without_dates(clause, text)):
        return
    label = _label(text, found, clause)
    if _CANCELLED.search(text):
        yield Found("exam", label, polarity="cancelled")
        return
    when = _day(clause, text)
    if (when is None or "뒤로" in text) and (shift := shift_in(text)):
        yield Found("exam", label, shift=shift)
        return
    last = _REPLACED.split(text)[-1]
    if when is None or NEGATED.search(last) or not _STATED_TAIL.search(_tail(last, when)):
        return
    yield Found("exam", label, when)


def _deadlines(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    found = _WORK.search(text)
    if found is None or _EXAM.search(text):
        return
    label = _label(text, found, clause)
    if _CANCELLED.search(text):
        yield Found("deadline", label, polarity="cancelled")
        return
    when = _day(clause, text)
    if (when is None or "뒤로" in text) and (shift := shift_in(text)):
        yield Found("deadline", label, shift=shift)
        return
    last = _REPLACED.split(text)[-1]
    if when is None or NEGATED.search(last) or re.search(r"냈|했어|했습|제출했|끝냈|발표했|받았|나왔", last):
        return
    if _DUE.search(text) or corrects(text) or _STATED_TAIL.search(_tail(last, when)):
        yield Found("deadline", label, when)


def _day(clause: Clause, text: str) -> Span | None:
    """The day that holds now: of "3일에서 5일로", "3일이 아니라 5일" the last."""
    if corrects(text):
        last = next((piece for piece in reversed(_REPLACED.split(text)) if clause.dates(piece)), text)
        return _last(clause.dates(last))
    spans = clause.dates(text)
    return spans[0] if spans else None


def _last(spans: list[Span]) -> Span | None:
    return spans[-1] if spans else None


def _tail(text: str, when: Span) -> str:
    """What the clause says after the later of the date and the thing dated."""
    end = text.rfind(when.text) + len(when.text)
    rest = re.sub(
        r"^\s*(?:\([^)]*\)|오전|오후|아침|저녁|밤|낮|[0-9]+시(?:\s*(?:반|[0-9]+분))?(?:부터|까지)?|에는?|쯤|경|날|,|\s)*",
        "",
        text[end:],
    )
    return _EXAM.sub("", _WORK.sub("", rest)).strip()


def _without_dates(clause: Clause, text: str) -> str:
    for span in clause.dates(text):
        text = text.replace(span.text, " ")
    return text


def _label(text: str, found: re.Match[str], clause: Clause) -> str:
    """Which exam: the word itself and up to two plain nouns in front of it."""
    dated = [(span.offset, span.offset + len(span.text)) for span in clause.dates(text)]
    words = [found["word"]]
    for token in reversed(list(re.finditer(r"\S+", text[: found.start()]))):
        inside = any(start < token.end() and token.start() < end for start, end in dated)
        if (
            inside
            or _NO_LABEL.search(token.group())
            or len(words) == 3
            or not re.fullmatch(r"[가-힣A-Za-z0-9+#]+", token.group())
        ):
            break
        words.insert(0, token.group())
    return " ".join(words)


RULES: tuple[Rule, ...] = (_names, _exams, _deadlines)
