"""Korean statements of one attribute: "제 은행은 …이에요", "…로 이사했어요", "…장까지 읽었어요"."""

from __future__ import annotations

import re

_LEAD = re.compile(
    r"^(?:(?:이제는?|요즘은?|지금은?|현재는?|최근에?|이번에는?|앞으로는?|오늘부터|보통|원래|사실|그런데|근데|아|참|"
    r"다시\s*\S+\s*보니|알고\s*보니|지난\s*(?:주말?|달|학기)에?)[\s,]+)+"
)
_OWNER = re.compile(
    r"^(?:제가|저는|전|나는|난|내가|제|내|저의|나의|우리|저희|학생은|학생의|학생이)\s+(?:이제는?\s+|요즘은?\s+|지금은?\s+|현재는?\s+)*"
)
_END = r"(?:이에요|예요|에요|입니다|이세요|이십니다|이야|야|이다|이었어요|였어요|임|이래요|이고요|이구요)"
# "좋아하는 색은 …": the first 는 belongs to a verb.
_IS = re.compile(
    rf"^(?P<what>[^,]{{1,24}}?)(?:은|(?<![하있없읽보쓰사니듣먹가오르])는|이|가)\s+(?P<value>[^,]{{1,40}}?){_END}$"
)
_CHANGED = re.compile(
    r"^(?P<what>[^,]{1,24}?)(?:은|는|이|가|을|를)\s+(?P<value>[^,]{1,40}?)(?:으로|로)\s*"
    r"(?:바꾸|바꿨|바뀌|바뀐|변경|옮|교체|미뤄|미루|연기|연장|앞당|당겨|조정|밀렸|밀려|올랐|올라|내려|떨어졌|갈아탔|정했|정해|확정)"
)
_DOES = re.compile(
    r"^(?P<what>[가-힣A-Za-z0-9 ]{1,16}?)(?<!에)(?<!에서)[은는]\s+(?:주로\s+|이제\s+|보통\s+)*(?P<value>[^,]{1,30}?)(?:에서|으로|로|을|를|에)\s+"
    r"(?:써요|씁니다|쓴다|쓰고|사용|해요|합니다|한다|하고|가요|갑니다|갈|가기로|다녀|다니|배워|배우|먹어|먹고)"
)
_HOME = re.compile(
    r"(?:에|에서)\s*(?:살|거주|자취)|^(?:자취|하숙)(?:를|을)?\s*(?:하고|해|합)|(?:기숙사|자취방|하숙집|본가)(?:에|로|에서)\s*(?:들어|지내|나와|있|살)|(?:산다고|삽니다|산다$)|(?:으로|로)\s*이사"
)
_JOB = re.compile(
    r"(?:에서|에)\s*(?P<job>아르바이트|알바|인턴|과외)\S*\s*(?:을|를)?\s*(?:해|하|합|시작)|"
    r"(?P<work>(?:으로|로|에)\s*(?:이직|입사|취직|취업)|회사에\s*다[니녀]|(?:에서|에)\s*(?:근무|일하|일해))"
)
_ATTENDS = re.compile(
    r"(?P<place>\S+?)(?:에|를|을)\s*다[니녀닙]|(?P<new>\S+?)(?:으로|로)\s*(?:편입|전학|진학)"
)
_SCHOOL = re.compile(r"학교$|대$|대학$|대학원$|고$|중$")
_PROGRESS = re.compile(
    r"^(?P<what>.{0,24}?)(?:[은는을를]|\s)\s*\S*?\d+\s*(?:장|강|쪽|페이지|챕터|단원|과|절|주차|회)까지"
)
_COMMUTE = re.compile(r"(?P<to>\S+?)(?:까지|에)\s+\S+?(?:으로|로)\s*(?:다녀|다닙|다니|통학|출근|가요)")
_ENROLMENT = re.compile(r"(?:^|\s)(?:휴학|복학|재학|자퇴|졸업)(?:\s*중|했|하고)(?!\s*싶)")
_PERSON = re.compile(
    r"^(?P<who>여자\s?친구|남자\s?친구|여친|남친|부모님|엄마|아빠|어머니|아버지|형|누나|언니|오빠|동생|아내|남편|가족|할머니|할아버지|룸메이트)(?:은|는|이|가)\s+\S+(?:에|에서|로|으로)\s*(?:있어|있습|살|살고|이사|올라|내려)"
)
_REPLACED = re.compile(
    rf"^(?P<what>\S{{1,10}}?)(?:을|를)\s*(?:옮겨|바꿔|갈아|교체해)서\s+(?:지금은\s+|이제는?\s+|현재는?\s+)?[^,]{{1,30}}?{_END}$"
)
_WAKE = re.compile(r"\d\s*시(?:\s*반|\s*\d+분)?(?:쯤|쯤에|에)\s*(?:일어나|일어납|일어난|기상)")
_SLEEP = re.compile(r"\d\s*시(?:\s*반|\s*\d+분)?(?:쯤|쯤에|에)\s*(?:자요|잡니다|잔다|잠들|취침|자러)")
_HOURS = re.compile(r"(?:하루|매일|일주일|한\s*주)에?\s*\S+\s*(?:시간|분)\S*\s*공부")

_MANNER = re.compile(r"^(?:설명|답변?|대답)[은을]\s+\S+게\s+(?:해|설명해|말해|답해)")

_PERSONAL = re.compile(
    r"(?:이름|나이|전공|학과|학교|학년|학번|학점|평점|주소|집|동네|자취방|기숙사|사는\s*곳|번호|이메일|메일|아이디|생일|키|몸무게|혈액형|"
    r"MBTI|별명|동아리|회사|직장|직업|아르바이트|알바|인턴|룸메이트|룸메|교수님?|선생님|멘토|조교|조|팀|조장|팀장|파트너|수준|실력|레벨|"
    r"티어|등급|점수|성적|순위|목표|순서|차례|좌석|자리|사물함|강의실|교실|연구실|연구|수업|강의|과외|스터디|모임|회의|면담|면접|발표|마감|"
    r"시험|고사|프로젝트|논문|주제|분야|진로|용돈|예산|월급|시급|은행|휴대폰|핸드폰|폰|노트북|컴퓨터|태블릿|차|자동차|강아지|고양이|책|교재|"
    r"문제집|가수|배우|영화|음식|색|과목|언어|요일|시간|교환학생|국적|고향|나라|도시|에디터|운영체제|상태|일정|약|병원|헬스장|학원)$",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"(?:^|\s)(?:모델|손실|정확도|결과|학습|데이터|프로그램|구현|계산|식|친구|취미|질문|답|대답|문제|생각|의견|고민|약점|강점|장점|단점|관심사|형|동생|누나|언니|오빠|사촌|실수|코드|것|거|점|이유|방법|뜻|의미|"
    r"차이|예|예시|특기|수업|강의|과제|숙제)$"
)
_WHEN = re.compile(r"요일|\d\s*(?:시|일|월|분)|오전|오후|아침|점심|저녁|새벽|다음\s*주|내일|모레")
_ROOM = re.compile(r"\d+\s*호")
_HOME_NAMES = re.compile(r"^(?:주소|집|집\s*주소|동네|사는\s*곳|사는\s*동네|자취방|기숙사)$")
_ROOM_NAMES = re.compile(r"^(?:수업|강의|강의실|교실|수업\s*장소)$")


def korean_attribute(sentence: str) -> str | None:
    """Give the key of a sentence's attribute: "home", "은행", "과외:when"; None where it has none."""
    text = re.sub(r"[\s.!~ㅎㅋ]+$", "", sentence.strip())
    if text.endswith("?") or re.search(r"(?:까요|(?<!일어)나요|인가요|죠|지|니|냐)$", text):
        return None
    text = _LEAD.sub("", text)
    bare = _OWNER.sub("", text)
    owned = bare != text
    return _by_verb(_LEAD.sub("", bare)) or _by_noun(_LEAD.sub("", bare), owned=owned)


def _by_verb(text: str) -> str | None:
    if progress := _PROGRESS.search(text):
        return f"progress:{_name(progress['what'])}"
    if replaced := _REPLACED.match(text):
        return _name(replaced["what"])
    if person := _PERSON.match(text):
        return f"{person['who']}:home"
    if _ENROLMENT.search(text):
        return "enrolment"
    if commute := _COMMUTE.search(text):
        return f"commute:{commute['to']}"
    if job := _JOB.search(text):
        return "work" if job["work"] else _name(job["job"])
    if _HOME.search(text):
        return "home"
    if attends := _ATTENDS.search(text):
        place = attends["place"] or attends["new"]
        return "school" if _SCHOOL.search(place) else "work" if attends["place"] else None
    for pattern, key in ((_WAKE, "wake"), (_SLEEP, "sleep"), (_HOURS, "study time"), (_MANNER, "manner")):
        if pattern.search(text):
            return key
    return None


def _by_noun(text: str, *, owned: bool) -> str | None:
    changed = _CHANGED.match(text)
    found = changed or _IS.match(text) or _DOES.match(text)
    if found is None:
        return None
    name = _name(found["what"])
    when = bool(_WHEN.search(found["value"]))
    if _ROOM.search(found["value"]) and _ROOM_NAMES.match(name):
        return "room"
    if not when and (_MANY.search(name) or len(name.split()) > 4):
        return None
    personal = bool(_PERSONAL.search(name)) or name.startswith("제일 ")
    if not (changed or owned or personal or found.re is _DOES):
        return None
    if _HOME_NAMES.match(name):
        return "home"
    return f"{name}:when" if when and not name.endswith(("생일", "시간", "요일")) else name


def _name(words: str) -> str:
    """Give a name as it is compared: "룸메이트 이름" is "룸메이트", "가장 좋아하는 색" is "제일 좋아하는 색"."""
    name = _OWNER.sub("", _LEAD.sub("", f"{words.strip()} ")).strip()
    name = re.sub(r"^(?:새로운|새|지금|현재|이번)\s+", "", name).replace("가장 ", "제일 ")
    name = re.sub(r"(?<=\S)\s+(?:이름|날짜|일정)$", "", name)
    return re.sub(r"\s+", " ", re.sub(r"(?<=교수)님$", "", name))
