"""What a student's turn asks of the study model: a few kinds, told apart by their words in both languages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from ...context.smalltalk import Talk, is_question, says_goodbye, small_talk
from .arithmetic import expression_in
from .statements import ASKS_TO_KEEP, KEPT, OWN, tells_of_self
from .terms import terms_of

SectionKind = Literal[
    "definition", "why", "how", "compare", "example", "code", "misconception", "reference", "quiz", "other"
]
"""What a part of the course does for its topic."""

Intent = (
    SectionKind
    | Talk
    | Literal[
        "more",
        "claim",
        "stuck",
        "reason",
        "quantity",
        "topics",
        "name",
        "exam",
        "deadline",
        "confusion",
        "about_me",
        "last_time",
        "said_before",
    ]
    | Literal[
        "arithmetic", "outside", "identity", "help", "hint", "yes", "statement", "mood", "forget", "simpler"
    ]
    | Literal["remember", "kept", "own", "told", "another", "really"]
)


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A turn as it was understood.

    Attributes:
        terms: What it is about; empty where it goes on with the topic at hand.
        text: The part of the turn that asks, without what the student stated about themself.
        expression: For arithmetic: what is to be calculated.
    """

    intent: Intent
    terms: tuple[str, ...]
    text: str
    expression: str = ""


def _rule(intent: Intent, korean: str, english: str) -> tuple[Intent, re.Pattern[str]]:
    return intent, re.compile(f"{korean}|{english}", re.IGNORECASE)


_THANKS = re.compile(
    r"^(?:[^?]{0,30}[\s,.!])?(?:감사(?:합니다|해요|드려요)|고마워요?|고맙습니다|thank\s+you|thanks)(?:[\s,]+[^?]{0,40})?[\s.!~]*$",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^(?:네|넵|예|응|어|그래요?|좋아요|좋습니다|yes|yeah|yep|sure|ok(?:ay)?|please|yes,?\s+please|another(?:\s+one)?|one\s+more|next(?:\s+one)?|하나\s*더요?|또요?)[\s.!~]*$",
    re.IGNORECASE,
)

_TYPOS = (
    (re.compile(r"^\W*(?:h+m+|u+m+|u+h+|흠+|음+|엥|헐)[\s,.…]+(?=\S)", re.IGNORECASE), ""),
    (re.compile(r"(?<![가-힣])[머모](?=에[요여용]|예[요여용]|야|임|지|죠|가\s|에요)"), "뭐"),
    (re.compile(r"(?<![가-힣])(?:어케|어뜨케|어떡해|어떻해|어떠케)"), "어떻게"),
    (re.compile(r"모르겟"), "모르겠"),
    (re.compile(r"설명\s?좀(?=\s*[.!?~]*$)"), "설명해 줘"),
)
_GOT_IT = re.compile(
    r"^\W*(?:아\s*|네\s*,?\s*|이제\s*|완전\s*|다\s*)*(?:이해(?:했어요?|했습니다|됐어요?|됐습니다|돼요|완료|함)|알겠(?:어요?|습니다)|그렇군요|그렇구나|아하)\W*$|"
    r"^\W*(?:(?:ok(?:ay)?|ah|oh|yes|now),?\s+)*(?:got\s+it|i\s+(?:see|get\s+it|understand)(?:\s+now)?|makes\s+sense(?:\s+now)?|understood)\W*$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:아니요?|아뇨|아니에요|됐어요?|됐습니다|나중에요?|다음에요?|no|nope|nah|not\s+now|maybe\s+later|no,?\s+(?:thanks|thank\s+you))\W*$",
    re.IGNORECASE,
)
_WHAT_AND_WHY = re.compile(
    r"(?:뭐(?:고|예요|에요|야|죠|며|인지)|무엇(?:이고|인가요|이며|입니까)|뭔가요|뭔지).*(?:왜|필요)|\bwhat(?:['’]s|\s+is|\s+are)\b.*\bwhy\b",
    re.IGNORECASE,
)
_ENOUGH = re.compile(
    r"^\W*(?:오늘은\s*|이제\s*|저\s*)*(?:그만|여기까지|끝)\s*(?:할래요?|할게요?|하자|해요|하죠|하고\s*싶어요?|할까요?)?\W*$|^\W*(?:i'?m\s+done|that'?s\s+enough|let'?s\s+stop(?:\s+here)?|enough(?:\s+for\s+today)?)\W*$",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\S+\s*말고(?!\S)|\b(?:not|instead\s+of|rather\s+than)\s+[A-Z]\S+")
_NOT_THAT = re.compile(
    r"(?:그거|그것|그게|이거|이것|저거)\s*(?:말고|아니)|다른\s*(?:거|것|걸|주제)|말고(?!\S)|^\W*(?:skip|pass|패스|건너뛰\S*|넘어가\S*)\W*$|\b(?:not\s+(?:that|this|it)|something\s+else|(?:an)?other\s+(?:topic|one|thing)|never\s*mind)\b",
    re.IGNORECASE,
)
_REALLY = re.compile(
    r"^\W*(?:아\s*)?(?:진짜|정말|확실)(?:로)?\s*(?:이?에요|예요|인가요|이야|야|요|해요|한가요|맞아요|그래요)?\s*\?+$|^\W*(?:really|seriously|are\s+you\s+sure|is\s+that\s+(?:so|true|right)|for\s+real)\s*\?*$|^\W*(?:그거\s*)?(?:틀렸|틀린|아닌데)\S*\W*$|\byou(?:['’]re|\s+are)\s+wrong\b|^that(?:['’]s|\s+is)\s+(?:wrong|not\s+(?:right|true|correct))",
    re.IGNORECASE,
)


def as_spelled(text: str) -> str:
    """A turn with the commonest slips of the keyboard put right: "머에요" is "뭐에요"."""
    for slip, meant in _TYPOS:
        text = slip.sub(meant, text)
    return text


_OUTSIDE = re.compile(
    r"(?:번역|영작|교정|첨삭)\s*(?:해|좀|을|를|본)|"
    r"(?:에세이|자소서|자기소개서|레포트|리포트|보고서|독후감|논문|이메일|메일|편지|소설|시나리오|발표문|발표\s*자료|대본|과제|숙제|글)(?:를|을|도|좀)?\s*(?:\S+\s+){0,3}(?:써|작성|대신|만들|지어|해|풀어|고쳐|다듬어)\s*(?:줘|주세요|주실|달라|줄|주시)|"
    r"(?:이|아래|다음|위)\s*(?:글|문장|논문|내용|텍스트)(?:을|를|좀)?\s*(?:요약|정리|고쳐)|(?:그림|이미지|사진)(?:을|를|좀)?\s*(?:그려|만들)|"
    r"(?:날씨|뉴스|주가|환율|맛집|(?:점심|저녁|아침|야식)\s*(?:메뉴|뭐|추천))|(?:디버깅|디버그|버그를?\s*(?:찾|고쳐|잡))|(?:내|제)\s*코드\S*\s*(?:\S+\s+)?(?:고쳐|봐|리뷰|문제|이상|안\s*(?:돌|돼))|"
    r"\btranslate\b|\bproofread\b|\b(?:write|draft|compose)\s+(?:me\s+|up\s+)?(?:an?|my|the|some)\s+(?!(?:\w+\s+){0,2}(?:code|examples?|quiz|formula|equation|function|program|script|implementation)\b)\w+|"
    r"\b(?:do|solve|finish|complete)\s+(?:my|this|the)\s+(?:\w+\s+)?(?:homework|assignment|essay|project|problem\s+set)\b|"
    r"\b(?:summari[sz]e|rewrite|rephrase|edit|improve|grade|review)\s+(?:this|my|the\s+following|these)\b|\b(?:debug|fix)\s+(?:my|this|the)\b|"
    r"\b(?:draw|paint|generate)\s+(?:me\s+)?(?:an?\s+)?(?:picture|image|diagram|logo)\b|\bwhat\s+should\s+i\s+(?:eat|wear|watch|cook|buy)\b|\b(?:weather|news|stock\s+price|restaurant|joke|poem|song)\b",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"(?<![가-힣])(?:교수님|선생님|당신|너)(?:은|는|의|이|가)?\s*(?:몇\s*살|나이|결혼|어디\s*사|취미|누구|성함|이름|AI|인공지능|사람|로봇|GPT|챗GPT|LLM|진짜)|^누구(?:세요|야|예요|십니까)|(?:무슨|어떤|어느)\s*모델(?:이|을|인|로)|"
    r"(?:AI|GPT|LLM|사람|로봇|챗봇)(?:이?에요|예요|인가요|이야|입니까|야)\s*\?|\bwho\s+are\s+you\b|\bhow\s+old\s+are\s+you\b|\bdo\s+you\s+(?:have\s+feelings|sleep|get\s+tired)\b|\bwhat\s+are\s+you\b|\byour\s+name\b|"
    r"\bare\s+you\s+(?:an?\s+)?(?:ai|llm|gpt|chatgpt|human|real|robot|bot|language\s+model)\b|\b(?:what|which)\s+(?:language\s+)?model\s+(?:are|is|do)\b",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"(?:뭘|무엇을|뭐를?|어떤\s*걸?)\s*(?:할\s*수|해\s*줄\s*수|도와)|사용법|도움말|어떻게\s*(?:쓰나요|써요|사용|이용)\s*\S*$|모델(?:을|를)\s*(?:추가|연결|바꾸|설정)|"
    r"\bwhat\s+can\s+you\s+do\b|^help\b|\bhow\s+(?:do|can)\s+i\s+use\s+(?:you|this)\b|\badd\s+a\s+(?:real\s+)?model\b",
    re.IGNORECASE,
)

_TOPICS = re.compile(
    r"(?:뭐|무엇|뭘|어디|어느\s*(?:것|주제))\s*(?:부터|에서부터)|\bwhere\s+(?:should|do|can)\s+(?:i|we)\s+(?:start|begin)|\bwhat\s+should\s+(?:i|we)\s+(?:study|learn|read)|(?:수업|강의|강좌|과목)\S*\s*(?:뭐|무엇|뭘|무얼)\S*\s*(?:배|다루|하)|뭐\s*배울\s*수|(?:무슨|어떤)\s*(?:주제|노트|내용|단원|자료)\S*\s*(?:가|이)?\s*(?:있|다루|배우)|목차|차례(?:가|를|는)|주제\s*(?:목록|들)|강의\s*(?:전체\s*)?(?:요약|구성|내용)|전체\s*(?:요약|내용)|"
    r"\bwhat\s+(?:can|will|do|could)\s+(?:i|we)\s+learn\b|\b(?:list|what|which|show)\b.*\b(?:topics|chapters|notes|subjects|materials?)\b(?!\s+(?:say|on|about))|\btable\s+of\s+contents\b|\b(?:summari[sz]e|overview\s+of|outline)\s+(?:of\s+)?(?:the|this|my)\s+(?:whole\s+)?course\b",
    re.IGNORECASE,
)
_FORGET = re.compile(
    r"(?:잊어|까먹어|지워|삭제해|없애)\s*(?:줘|주세요|주실|줄래|버려|달라)|기억(?:에서|을)?\s*(?:지우|삭제)|"
    r"^(?:please\s+|can\s+you\s+|could\s+you\s+)*(?:forget|delete|erase|remove)\s+(?!it\b[\s.!]*$)(?:about\s+)?(?:my|that|what|everything|the)\b",
    re.IGNORECASE,
)
_MOOD = re.compile(
    r"^(?=.{1,40}$)(?!.*(?:\?|뭐|왜|어떻게|설명|알려)).*(?:피곤|졸려|졸리|지쳤|지친|힘들어요?|힘드네|짜증|우울|슬퍼|슬프|배고|심심|지루|재미\s?없|노잼|사랑해|귀찮|하기\s*싫|스트레스|망했|떨려|긴장|불안|신나|재밌|재미있|행복|기뻐|기쁘|최고|대박)|"
    r"^(?=.{1,50}$)(?!.*(?:\?|\b(?:what|why|how|explain)\b)).*\b(?:tired|sleepy|bored|hungry|stressed|exhausted|sad|happy|nervous|anxious|excited|love\s+you|hate\s+this|ugh|annoyed|frustrated|you(?:'re|\s+are)\s+(?:funny|great|awesome|the\s+best))\b",
    re.IGNORECASE,
)
GLAD: Final = re.compile(
    r"사랑|신나|재밌|재미있|행복|기뻐|기쁘|최고|대박|\b(?:happy|excited|love|funny|great|awesome|best)\b",
    re.IGNORECASE,
)
"""Which of the moods is a good one."""
_BEYOND: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    ("outside", _OUTSIDE),
    ("identity", _IDENTITY),
    ("help", _HELP),
    ("topics", _TOPICS),
    ("forget", _FORGET),
    ("mood", _MOOD),
)
_ON_THE_TALK: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    ("really", _REALLY),
    ("remember", ASKS_TO_KEEP),
    ("kept", KEPT),
    ("another", _NOT_THAT),
)
_MY_WORDS: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    _rule(
        "name",
        r"(?:제|내|나의|저의)\s*이름(?:이|은|을|도)?\s*(?:뭐|무엇|기억|알|아시|아세|말|\?)|(?:내가|제가|나는|저는)\s*누구(?:예|게|인|야|죠|지)",
        r"\bmy\s+name\b.*\?|^what(?:'?s|\s+is|\s+was)\s+my\s+name|\bwho\s+am\s+i\b|\bknow\s+my\s+name\b|\bremember\s+my\s+name\b",
    ),
    _rule(
        "exam",
        r"^(?:\S+\s+)?(?:며칠|얼마나?)\s*남|(?:시험|고사|기말|중간|퀴즈)\S*\s*(?:\S+\s+){0,2}(?:언제|며칠|몇\s*(?:월|일)|날짜(?:가|는)?\s*(?:뭐|언제|어떻)|남았|얼마나?\s*남)|(?:시험|고사|기말|중간)[은는]\s*(?:요)?\s*\?*\s*$|디데이|D-?day",
        r"\b(?:when|what\s+(?:day|date|time))\b.*\b(?:exam|midterm|final|test|quiz)\b|\bhow\s+(?:many|long|much)\b.*\b(?:until|till|before|to|left)\b.*\b(?:exam|midterm|final|test|quiz)s?\b|"
        r"\b(?:exam|midterm|final|test|quiz)\b.*\b(?:when|which\s+day|date)\b.*\?|\bdate\s+of\s+(?:my|the)\s+(?:\w+\s+){0,2}(?:exam|midterm|final|test|quiz)\b|\bdays\s+(?:are\s+)?left\b",
    ),
    _rule(
        "deadline",
        r"(?:과제|숙제|보고서|레포트|리포트|프로젝트|발표|마감)\S*\s*(?:\S+\s+){0,2}(?:언제|며칠|몇\s*(?:월|일)|남았)",
        r"\b(?:when|what\s+day)\b.*\b(?:assignment|homework|essay|report|project|presentation|deadline)\b.*(?:due)?",
    ),
    _rule(
        "confusion",
        r"(?:뭘|뭐가|뭐를|무엇을|무엇이|무얼|어떤\s*(?:걸|것|게|부분)\S*|어디(?:가|를))\s*(?:\S+\s+){0,2}(?:헷갈|어려|모르|약하|이해\s*(?:못|안))|헷갈(?:린다|려|려한다)고\s*했|(?:헷갈(?:리는|려한|린|렸던)|어려워(?:한|하는|했던)|힘들어(?:한|하는|했던)|모르는|이해\s*못\s*한)\s*(?:게|것이|거|건|부분\S*)\s*(?:뭐|무엇|뭔)",
        r"\bwhat\b.*\b(?:i|am\s+i|was\s+i)\b.*\b(?:confus|struggl|stuck|not\s+understand|trouble)\w*",
    ),
    _rule(
        "about_me",
        r"(?:저|나|제|내)(?:에|게)?\s*(?:에\s*)?(?:대해|대하여|관해)\S*\s*(?:\S+\s+){0,2}(?:뭐|무엇|뭘|알|아는|기억|말해)|(?:저|나)를?\s*기억(?:하|해)|기억하(?:고\s*(?:있|계)\S*|는)\s*(?:거|것|게|걸)|뭘?\s*기억하(?:고\s*(?:있|계)|세요|나요)|(?:제|내)\s*(?:목표|전공|학년|수준|학과|강의|수업)\S*\s*(?:뭐|무엇|몇|기억)|(?:제가|내가)\s*몇\s*학년",
        r"\b(?:know|remember|recall)\s+(?:\w+\s+){0,2}about\s+me\b|\bdo\s+you\s+remember\s+me\b|\bwhat\s+do\s+you\s+remember\b|\bwhat(?:'s|\s+is|\s+was|\s+are)\s+my\s+(?:goal|major|year|level|course|deadline)s?\b",
    ),
)
_BEFORE = (
    r"(?:아까|방금|조금\s*전|지난\s*(?:번|주|시간|달|수업|대화)|저번|전번|전에|어제|그저께|엊그제|예전|며칠\s*전|최근|요즘|지금까지|그동안|\d+월\s*\d+일|\S+\s*전에)",
    r"\b(?:just\s+now|last\s+(?:time|week|month|session|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|yesterday|before|earlier|previously|so\s+far|recently|the\s+other\s+day|\w+\s+days?\s+ago)\b",
)
_LAST_TIME = re.compile(
    rf"{_BEFORE[0]}\S*\s*(?:\S+\s+){{0,4}}?(?:뭐|무엇|뭘|무슨|어떤|어디까지)\S*\s*(?:\S+\s+){{0,2}}?(?:물어|질문|얘기|이야기|배웠|배운|했|공부|다뤘|말했|봤)|어디까지\s*(?:했|배웠|이야기|얘기|공부)|"
    r"(?:지금까지|오늘|여태|아까)\s*(?:배운|한|본|공부한|물어본|이야기한|얘기한|나눈)\s*(?:\S+\s+){0,2}?\S*\s*(?:정리|요약|복습)|\b(?:summari[sz]e|recap|review)\b.*\b(?:we|so\s+far|today|session|conversation|talk)\b|"
    rf"\bwhat\s+(?:did|have|had|were|was)\s+(?:i|we)\b.*{_BEFORE[1]}|{_BEFORE[1]}.*\bwhat\s+(?:did|have|had|were)\s+(?:i|we)\b|\bwhere\s+(?:did|were)\s+we\s+(?:stop|leave|left|get)\w*|"
    r"\bwhat\s+(?:questions?\s+)?(?:did|have)\s+i\s+asked?\b|\bwhat\s+(?:did|have|had)\s+(?:i|we)\s+(?:cover|learn|stud|discuss|do\b|done|look|talk)",
    re.IGNORECASE,
)
_SAID_BEFORE = re.compile(
    rf"{_BEFORE[0]}\S*\s+.*(?:라고\s*(?:했|하셨|하신|말씀|설명)|(?:물어봤|질문했|설명하셨|말씀하셨|이야기했|얘기했)(?:던|었던|죠|지|나요|던\s*거))|{_BEFORE[1]}.*\b(?:say|said|tell|told|ask|asked|explain|explained|talk|talked|discuss|discussed)\b|"
    rf"\b(?:what\s+did\s+(?:you|we|i)\s+(?:say|tell|talk|ask|discuss)\w*)\b.*\b(?:about|on)\b",
    re.IGNORECASE,
)

_COURSE: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    _rule("simpler", r"더\s*쉽게|다르게\s*설명|다른\s*(?:말|방식)으로|쉽게\s*(?:설명|말|풀어|좀)|쉬운\s*말로|초등학생|중학생도", r"\bdifferently\b|\bin\s+other\s+words\b|\banother\s+way\b|\b(?:simpler|easier|more\s+simply|in\s+(?:simple|plain)\s+(?:words|terms|english)|eli5|like\s+i'?m\s+(?:five|5))\b"),
    _rule(
        "quiz",
        r"퀴즈|(?:다른|다음|새|한)\s*문제|문제\s*또|문제\s*(?:\d+|한|두|세|네|몇|여러)\s*(?:개|문제)|(?:확인\s*)?문제\s*(?:를|을|도|좀|하나|한\s*개|몇\s*개|더)*\s*(?:내|풀|줘|주세요|출제)|문제\s*(?:하나|더)|테스트해|시험해\s*(?:봐|주)",
        r"^\W*(?:a\s+|another\s+)?quiz(?:zes)?\b|\bquiz\s+me\b|\b(?:a|another|one\s+more|give\s+me|more)\s+(?:\w+\s+)?(?:quiz|quizzes|problems?|exercises?|practice\s+questions?|questions?\s+(?:for\s+me|to\s+practi[cs]e))\b|\btest\s+me\b|\bask\s+me\s+(?:a|another|some)\b",
    ),
    _rule("hint", r"힌트", r"\bhints?\b|\bclue\b"),
    _rule("reference", r"(?:논문|출처|참고\s*문헌|레퍼런스|더\s*읽을|더\s*알아볼)|누가\s*(?:\S+\s+)?(?:만들|제안|발명|개발|처음)", r"\b(?:papers?|references?|further\s+reading|sources?|cite|citation)\b|\bwho\s+(?:invented|proposed|made|created|wrote|introduced|came\s+up)\b"),
    _rule("misconception", r"오해|흔한\s*실수|자주\s*하는\s*실수|헷갈리기\s*쉬운|자주\s*틀리", r"\bmisconceptions?\b|\bcommon\s+mistakes?\b|\bpitfalls?\b"),
    _rule(
        "claim",
        r"(?:이?죠|지요|맞죠|맞나요|맞아요|맞지요?|아닌가요|아니에요|[하되지느크많적르으]죠|[가-힣]지\s*않(?:나요|아요))\s*\?+\s*$",
        r"\b(?:right|correct|isn't\s+it|doesn't\s+it|don't\s+they|aren't\s+they|no)\s*\?\s*$|\bis\s+it\s+true\b|\btrue\s+that\b|\bam\s+i\s+right\b|\bi\s+(?:thought|heard)\b.*\?",
    ),
    _rule("code", r"코드|구현(?:해|을|하|은)|파이썬으로|넘파이", r"\bcode\b|\bimplement\w*|\b(?:write|show)\b.*\b(?:function|program|script)\b|\bsnippet\b|\bin\s+(?:python|numpy)\b"),
    _rule("example", r"예시|예를\s*(?:들|하나)|예제|사례|예\s*하나|구체적인\s*예|손으로\s*(?:풀|계산)", r"\bexamples?\b|\bfor\s+instance\b|\bworked\b"),
    _rule(
        "compare",
        r"차이|비교|[가-힣A-Za-z]보다\s+\S|장점|단점|약점|강점|다른\s*(?:점|가요|게|거)|달라|다릅|다르|뭐가\s*더|어느\s*(?:게|것이|쪽)|공통점|구별|구분|견주|(?<![a-z])vs",
        r"\bdiffer\w*|\bcompar\w*|\bversus\b|\bvs\b|\bdistinguish\w*|\bbetter\s+than\b|\bwhich\s+(?:one\s+|of\s+(?:them|the\s+two)\s+)?(?:is|are)\s+(?:better|best|faster|cheaper)\b|\bsimilar\w*|\b(?:dis)?advantages?\b|\bdrawbacks?\b|\bpros\b|\bcons\b",
    ),
    _rule("why", r"왜|이유|까닭|필요(?:한가|성|해|하)|무슨\s*소용", r"\bwhy\b|\breasons?\b|\bpurpose\b|\bmotivat\w*|\bwhat\s+.*\bfor\s*\?$|\badvantages?\b"),
    _rule("more", r"^더[요!.?~\s]*$|더\s*(?:자세|깊|알|설명|말|길|구체)|자세(?:히|하게)|계속|이어서|그\s*다음|또\s*(?:뭐|다른)|더요|심화", r"\bmore\b(?!\s+\w+er\b)|\bcontinue\b|\bgo\s+on\b|\belaborate\b|\bfurther\b|\bin\s+(?:more\s+)?detail\b|\bdeeper\b|\bkeep\s+going\b|\bwhat\s+else\b"),
    _rule(
        "quantity",
        r"몇\s*(?:개|배|번|층|차원|토큰|바이트|퍼센트)|얼마나\s*(?:많|크|작|빠|늘|줄|걸)",
        r"\bhow\s+(?:many|much|big|large|long|fast|often)\b",
    ),
    _rule("how", r"어떻게|원리|작동|동작|과정|수식|공식|계산\s*(?:방법|하는)|식(?:은|이|을|으로)|방법", r"\bhow\b|\bmechanism\b|\bformula\b|\bequations?\b|\bworks?\b|\bsteps\b|\balgorithm\b"),
    _rule("stuck", r"^(?:\S+\s+){0,3}?(?:잘\s*)?(?:모르겠|이해(?:가|를)?\s*(?:안|못)|이해하기\s*(?:어려|힘들)|어려워|헷갈)", r"\bi\s+(?:still\s+)?(?:don't|do\s+not|can't)\s+(?:get|understand|follow)\b|\bconfus(?:ed|ing)\b|\btoo\s+hard\b"),
    _rule(
        "definition",
        r"뭐|뭔|무엇|무슨|이?란\s*\??$|정의|의미|뜻|대해|대하여|알려|설명|소개|개념|가르쳐|요약|정리",
        r"\bwhat\b|\bdefin\w*|\bexplain\b|\bmeans?\b|\bmeaning\b|\btell\s+me\b|\bdescribe\b|\babout\b|\bteach\b|\boverview\b|\bsummar\w*",
    ),
)  # fmt: skip


_COURSE_BUT_CLAIMS = tuple(rule for rule in _COURSE if rule[0] != "claim")
_ASKS_OPENLY = re.compile(
    r"뭐|뭔|무엇|무슨|왜|어떻게|어떤|언제|어디|누구|누가|얼마|몇|\b(?:what|why|how|which|who|when|where)\b",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(
    r"^\s*(?:is|are|does|do|can|will|has|did)\b|(?:인가요|나요|한가요|은가요|입니까)\s*\?*\s*$", re.IGNORECASE
)
_NAMES_ONLY = re.compile(
    r"[은는도](?:요)?\s*\?+\s*$|^\s*(?:and|what\s+about|how\s+about)?\s*\S+(?:\s+\S+)?(?<!요)\s*\?+\s*$",
    re.IGNORECASE,
)
_ONCE_MORE = re.compile(
    r"그거|그것|그걸|이거|이걸|다시|한\s*번\s*더|영어로|한국어로|우리말로|\b(?:in\s+(?:english|korean)|that|it|this|again|once\s+more|repeat)\b",
    re.IGNORECASE,
)
_WHY_AT_ALL = re.compile(
    r"필요|중요|왜\s*(?:쓰|써|사용|배우|배워|하나요|해요|씁)|\bneed\w*|\bimportant\b|\bwe\s+use\b|\bpeople\s+use\b|\bused\b|\bmatters?\b|\bcare\b|\blearn\b|"
    r"\bpoint\s+of\b|\bpurpose\b|\bnecessary\b|\bmotivat",
    re.IGNORECASE,
)
_PREDICATE = re.compile(
    r"(?:[요다죠네음함임]|[아어]서|는데)\s*[.!~…ㅠㅜ]*\s*$|\b(?:i|i'm|it|is|are|was|were|have|has|can|will)\b",
    re.IGNORECASE,
)


def parse_question(text: str, *, pending: bool = False) -> ParsedQuestion:
    """Understand a turn by its words alone.

    Args:
        text: The student's words, without what they stated about themself.
        pending: The professor's last words asked something: then a bare "네" means yes.
    """
    text = as_spelled(text)
    talk = small_talk(text, pending) or _longer_talk(text)
    if talk:
        return ParsedQuestion(talk, (), text)
    if _GOT_IT.match(text) or _NO.match(text) or _ENOUGH.match(text):
        return ParsedQuestion("farewell" if _ENOUGH.match(text) else "acknowledgement", (), text)
    if _YES.match(text.strip()):
        return ParsedQuestion("yes", (), text)
    terms = terms_of(_INSTEAD.sub(" ", text))
    intent = _first(_ON_THE_TALK, text)
    if intent and not (intent == "another" and terms):
        return ParsedQuestion(intent, terms, text)
    if intent := _first(_BEYOND, text) or _first(_MY_WORDS, text):
        return ParsedQuestion(intent, terms, text)
    if _LAST_TIME.search(text):
        about = _without_time(text) if _ABOUT_IT.search(text) else ()
        return ParsedQuestion("said_before" if about else "last_time", about, text)
    if _SAID_BEFORE.search(text) and terms:
        return ParsedQuestion("said_before", _without_time(text), text)
    if expression := expression_in(text):
        return ParsedQuestion("arithmetic", terms, text, expression)
    if tells_of_self(text):
        return ParsedQuestion("told", terms, text)
    intent = "own" if OWN.search(text) else _on_course(text, terms)
    return ParsedQuestion(intent, terms, text)


def _on_course(text: str, terms: tuple[str, ...]) -> Intent:
    """What a turn asks of the course."""
    intent = _first(_COURSE, text)
    openly = bool(_ASKS_OPENLY.search(text))
    if intent == "claim" and openly:
        intent = _first(_COURSE_BUT_CLAIMS, text) or "definition"
    if intent == "compare" and not openly and _YES_OR_NO.search(text):
        return "claim"
    if intent == "why" and terms and _WHAT_AND_WHY.search(text):
        return "definition"
    if intent == "why" and terms and not _WHY_AT_ALL.search(text):
        return "reason"
    if intent:
        return intent
    if not terms and _ONCE_MORE.search(text):
        return "definition"
    if is_question(text):
        few = len(text.split()) <= 4 and not _YES_OR_NO.search(text) and not _PREDICATE.search(text)
        return "definition" if openly or few or _NAMES_ONLY.search(text) else "claim"
    plain = re.sub(r"[\sㄱ-ㅎㅏ-ㅣ.!~^;]+$", "", text)
    return "statement" if not terms or _PREDICATE.search(plain) or len(terms) > 4 else "definition"


_ABOUT_IT = re.compile(
    r"에\s*(?:대해|대하여|대한|관해|관한)|관련|\b(?:about|on|regarding|concerning)\b", re.IGNORECASE
)
_TALKED = (
    r"라고\s*\S+|말씀\S*|설명\S*|물어\S*|질문\S*|(?:이야기|얘기|대화|토론|공부)\S*|나눴\S*|나누\S*|했\S*|하셨\S*|다뤘\S*|"
    r"\b(?:we|you|i|did|say|said|tell|told|ask|asked|explain|explained|talk|talked|discuss|discussed|cover|covered)\b"
)


def _first(rules: tuple[tuple[Intent, re.Pattern[str]], ...], text: str) -> Intent | None:
    return next((intent for intent, pattern in rules if pattern.search(text)), None)


def _longer_talk(text: str) -> Talk | None:
    """Small talk in a few more words, such as "오늘은 여기까지 할게요. 안녕히 계세요."."""
    if len(text) > 80 or is_question(text):
        return None
    if says_goodbye(text):
        return "farewell"
    return "thanks" if _THANKS.match(text.strip()) else None


def _without_time(text: str) -> tuple[str, ...]:
    return terms_of(
        re.sub(
            rf"{_BEFORE[0]}|{_BEFORE[1]}|{_TALKED}",
            " ",
            text,
            flags=re.IGNORECASE,
        )
    )
