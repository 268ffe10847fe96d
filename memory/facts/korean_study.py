"""What Korean clauses state about the student's studies: goals, confusions, courses, school, major and year."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import Clause, Rule
from .korean import IS, ME, NEGATED, NOW, bare
from .values import Found

_GOALS = (
    re.compile(
        r"(?:^|\s)(?:제|내|저의|이번\s*학기|올해)?\s*목표는\s*(?P<goal>.+?)\s*(?:이에요|예요|입니다|이야|야|이고|인데)?$"
    ),
    re.compile(
        rf"^(?:{ME}\s*)?(?:이번(?:에는?)?\s*|꼭\s*|이번\s*학기에는?\s*|올해\s*|나중에\s*|졸업하고\s*)*(?P<goal>[^,]{{2,40}}?(?:받|되|가|합격하|통과하|진학하|취업하|붙|맞|졸업하|들어가|따|넘|올리|만들))고\s*싶(?:어요|습니다|어|은데|어서)$"
    ),
    re.compile(
        r"^(?:"
        + ME
        + r"\s*)?(?P<goal>[^,]{2,40}?)(?:는|은|하는|받는|되는|가는|붙는)?\s*(?:게|것이|것을|걸)\s*목표(?:예요|입니다|로\s*(?:하고|공부하고|삼고)\s*있(?:어요|습니다))$"
    ),
)
_NO_GOAL = re.compile(
    r"알고|배우고|듣고|보고|묻고|물어|질문|여쭤|이해하고|확인|화장실|집에\s*가|자고|먹고|쉬고|놀|여행|뭐|무엇|안\s|싶지|없|아니|아닙|아직|이\s*(?:함수|손실|모델|알고리즘)"
)

_HARD = re.compile(
    rf"^(?P<topic>.+?)(?:[이가은는을를도]|에\s*대해서?|에서|하고|이랑|랑|(?<=[A-Za-z0-9)]))?\s+(?:{NOW}\s*)*(?:"
    r"헷갈(?:려요?|림|려여|리네|립니다|리네요|려서|리는데|렸어요|렸습니다|리고|려|려\s?죽겠어요|리더라고요|린다|려했어요|려\s?합니다|려\s?해요)|"
    r"어려(?:워요?|움|워여|워서|웠어요)|어렵(?:습니다|네요|고|더라고요|다)|"
    r"이해(?:가|를|도)?\s*(?:잘\s*)?(?:안|못)\s*(?:됨|돼여|되네|돼요?|됩니다|되네요|돼서|되는데|가요?|갑니다|가네요|가서|가는데|했어요|하겠어요|하겠습니다|해요)|"
    r"이해하기\s*(?:어려워요|힘들어요|어렵습니다|힘듭니다)|이해되지\s*않아요|이해가\s*되지\s*않(?:아요|습니다)|"
    r"(?:잘\s*)?모르겠(?:음|어여|다|네|어요|습니다|네요|는데|어서|어|고)|감이?\s*안\s*(?:와요|잡혀요|옵니다)|"
    r"와닿지\s*않(?:아요|습니다)|막혀요|막혔어요|약해요|약합니다|자신이?\s*없(?:어요|습니다)|혼동(?:돼요|됩니다|이\s*와요|이\s*돼요))$"
)
_SOLVED = re.compile(
    rf"^(?:{ME}\s*)?(?:이제는?\s*|드디어\s*|덕분에\s*)*(?P<topic>.+?)(?:[이가은는을를도]|에\s*대해서?)\s*(?P<now>(?:이제는?|드디어|확실히|다|더\s*이상|전혀|잘|완전히)\s*)*(?:"
    r"안\s*헷갈(?:려요|립니다|리네요|려)|헷갈리지\s*않(?:아요|습니다)|(?P<plain>이해(?:가\s*)?(?:했어요|됐어요|돼요|되었어요|했습니다|됐습니다|가요|갔어요)|알겠(?:어요|습니다)|극복했어요))$"
)
_NO_TOPIC = re.compile(
    r"^(?:이게|그게|저게|이거|그거|저거|이것|그것|저것|뭐|뭔|뭘|무엇|저|나|제|내|너무|정말|좀|조금|아직|여전히|잘|전혀|사실|그냥|다|전부|모두|"
    r"무슨|말|무슨\s*말|말씀|설명|질문|문제|답|대답|이름|날짜|시간|길|여기|거기|이\s*부분|그\s*부분|이건|그건|오늘|요즘|다른\s*건|어떻게|왜|어디|하나|"
    r"사용법|설치|수업|이\s*문제|그\s*문제|그\s*말|무슨\s*뜻|뜻|방금\s*(?:말씀|설명).*|선택|진로|인생|점심|뭐라고.*|어느\s*것|어떤\s*것|어떤\s*게)$"
)
_TOPIC_HEAD = re.compile(
    rf"^(?:(?:{ME}|제게는|저한테는|그런데|근데|그리고|아|음|와|사실|진짜|정말|하나도|교수님|선생님|특히|지금|요즘|오늘|어제\s*배운|어제|수업에서\s*배운|수업\s*때|아직도?|여전히|솔직히|일단|계속|자꾸|아무리\s*(?:봐도|읽어도|들어도)|몇\s*번을\s*(?:봐도|읽어도|들어도)|공부해도|들어도|봐도)[\s,]+)+"
)
_NO_HARD = re.compile(
    r"면(?:\s|$)|수\s*있|수도\s*있|기\s*쉬|던데|지\s*않을|어떡|어떻게\s*(?:해|하면)|는지\s*(?:알려|설명)"
)


def _goals(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    for pattern in _GOALS:
        found = pattern.search(text)
        if found and not _NO_GOAL.search(text):
            goal = found["goal"].strip()
            if pattern is _GOALS[1]:
                goal = text[found.start("goal") :].strip()
            yield Found("goal", *clause.apart(goal))
            return


def _confusions(clause: Clause) -> Iterator[Found]:
    text = _TOPIC_HEAD.sub("", bare(clause.text))
    solved = _SOLVED.match(text)
    if solved and (
        not solved["plain"] or solved["now"] or re.search(r"이제|드디어|덕분에|확실히", clause.text)
    ):
        topic = _topic(solved["topic"])
        if topic:
            yield Found("confusion", topic, polarity="understood")
        return
    found = _HARD.match(text)
    if (
        found is None
        or _NO_HARD.search(text)
        or re.search(r"(?:안|하나도\s*안|전혀\s*안)\s*(?:헷갈|어려)", text)
    ):
        return
    topic = _topic(found["topic"])
    if topic:
        yield Found("confusion", topic)


def _topic(words: str) -> str:
    """The noun phrase that is hard, without the adverbs around it; "" where it is only a pronoun."""
    topic = re.sub(rf"(?:\s+{NOW})+$", "", words.strip())
    topic = re.sub(
        r"(?<=[가-힣A-Za-z0-9)])(?:에\s*대해서?|에\s*대한\s*(?:게|것이)|이라는\s*(?:게|것이)|라는\s*(?:게|것이)|하는\s*게)$",
        "",
        topic,
    )
    topic = re.sub(r"^(?:(?:제|내)가?\s+|이\s+|그\s+)", "", topic).strip(" ,")
    return "" if not topic or len(topic) > 40 or _NO_TOPIC.match(topic) else topic


_COURSE = (
    re.compile(
        rf"^(?:{ME}\s*)?(?:이번\s*학기(?:에는?)?\s*|지금\s*|올해\s*|현재\s*|요즘\s*)*(?P<course>[^,]{{2,30}}?)\s*(?:수업|강의|과목)(?:을|를)?\s*(?:듣고\s*있|들어요|듣습니다|들어$|수강)"
    ),
    re.compile(
        rf"^(?:{ME}\s*)?이번\s*학기(?:에는?)?\s*(?P<course>[^,]{{2,30}}?)(?:을|를)\s*(?:듣고\s*있|들어요|듣습니다|들어$|수강)"
    ),
    re.compile(rf"^(?:{ME}\s*)?(?P<course>[^,]{{2,30}}?)(?:을|를)\s*수강(?:하고\s*있|\s*중|해요|합니다)"),
)
_MAJOR = (
    re.compile(
        r"(?:^|\s)(?:제|내)?\s*전공(?:을|은|이)\s*(?:\S+에서\s*)?(?P<major>[가-힣A-Za-z]{2,15}?)(?:으로|로)\s*(?:바꿨|바꾸었|바꼈|바뀌었|변경했|정했|옮겼)"
    ),
    re.compile(
        rf"^(?:{ME}\s*)?(?:\S+(?:대학교|대)\s+)?(?P<major>[가-힣]{{2,8}}(?<![이가은는을를에도의때교대제])(?<!지금|올해|현재|이제|벌써|아직|이번|초등|중등|고등|대학|내년|작년|한국|여기|이미|사실|원래|그냥|진짜))\s+[1-6]학년"
    ),
    re.compile(rf"(?<![가-힣])전공은\s*(?P<major>[가-힣A-Za-z]{{2,15}}?){IS}?$"),
    re.compile(
        rf"^{ME}\s*(?P<major>[가-힣A-Za-z]{{2,15}})\s*전공(?:이에요|입니다|이고|인데|이야|자예요|자입니다|하고\s*있어요|해요)?(?:\s|$)"
    ),
    re.compile(
        r"(?:^|\s)(?P<major>[가-힣A-Za-z]{2,15}?)(?:을|를)\s*전공(?:해요|합니다|하고\s*있|하는\s*학생|했어요|중)"
    ),
    re.compile(
        rf"^(?:{ME}|이제)\s*(?:\S+(?:대학교|대)\s+)?(?P<major>[가-힣]{{2,12}}(?<!학)과|[가-힣]{{1,12}}(?<!우리)학과|[가-힣]{{2,12}}학부)(?:\s|이에요|예요|입니다|야|에\s*다|이고|인데|$|\s*학생)"
    ),
)
_SCHOOL = (
    re.compile(
        r"(?:^|\s)(?P<school>(?!군대|무대|침대)[가-힣A-Za-z]{1,12}(?:대학교|대학원|대|고등학교|고|중학교))(?:에|를|을)\s*(?:다녀(?!왔|오|가)|다닙|다니|재학)"
    ),
    re.compile(
        r"(?:^|\s)(?P<school>[가-힣A-Za-z]{1,12}(?:대학교|대학원|대|고등학교|고))(?:으로|로)\s*(?:편입|전학)"
    ),
    re.compile(rf"^(?:(?:제|우리|저희)\s*)?학교는\s*(?P<school>[가-힣A-Za-z]{{2,15}}?){IS}$"),
)
_YEAR = (
    re.compile(
        rf"^(?:{ME}\s*)?(?:\S+(?<![이가은는을를에도의때])\s+){{0,3}}(?:지금\s*|올해\s*|현재\s*)?(?P<year>[1-6]학년)(?:\s+[가-힣]{{2,4}}(?:이라고.*|라고.*|이에요|예요|입니다|이야|야|이고|인데)|\s*학생(?:이에요|입니다|이고|인데)?|이에요|예요|입니다|이야|이고|인데|이구요|이라서|입니당|임|\s*재학\s*중.*|에\s*재학.*)?$"
    ),
    re.compile(
        rf"^{ME}\s*(?:\S+\s+)?(?P<year>대학원생|석사\s*과정|박사\s*과정|석사\s*[1-4]년\s?차|박사\s*[1-9]년\s?차|고등학생|고[1-3]|중학생|중[1-3]|신입생|새내기|휴학생|졸업생|취준생|직장인)(?:이에요|예요|입니다|이야|이고|인데|이구요|이라서)?$"
    ),
)


def _studies(clause: Clause) -> Iterator[Found]:
    text = bare(clause.text)
    if NEGATED.search(text):
        return
    course = next((m for p in _COURSE if (m := p.search(text))), None)
    if course and not re.fullmatch(
        r"이|그|저|이런|그런|다른|좋은|교수님|무슨|어떤|이번|지금|제", course["course"].strip()
    ):
        yield Found("course", course["course"].strip())
    major = next((m for p in _MAJOR if (m := p.search(text))), None)
    if major and major["major"] not in {
        "결과",
        "효과",
        "학과",
        "성과",
        "과",
        "통과",
        "사과",
        "다과",
        "초과",
        "경과",
        "저",
        "제",
        "이",
        "전공",
        "학부",
    }:
        yield Found(
            "major",
            re.sub(r"(?<=학)과$", "", major["major"]) if major["major"].endswith("학과") else major["major"],
        )
    if school := next((m for p in _SCHOOL if (m := p.search(text))), None):
        yield Found("school", school["school"])
    year = next((m for p in _YEAR if (m := p.search(text))), None)
    if year:
        yield Found("year", re.sub(r"\s+", " ", year["year"]))


RULES: tuple[Rule, ...] = (_goals, _confusions, _studies)
