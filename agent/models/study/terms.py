"""Words for the study model: which language a turn is in, what it is about, and whether a passage speaks of that."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

Language = Literal["ko", "en"]

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎ]")
_WORD = re.compile(
    r"[A-Za-z][A-Za-z0-9+#]*(?:['’._-][A-Za-z0-9]+)*|[가-힣]+(?:-[가-힣]+)*|[0-9]+(?:\.[0-9]+)?"
)

# What students call a thing | what a course may call it. Not a dictionary: words of this field with two spellings.
_SAME = (
    "파라미터 | 매개변수 parameter",
    "그래디언트 그라디언트 미분 도함수 derivative | 기울기 gradient",
    "오버피팅 overfit | 과적합 overfitting",
    "언더피팅 underfit | 과소적합 underfitting",
    "백프롭 백프로파게이션 backprop | 역전파 backpropagation",
    "할루시네이션 hallucinate | 환각 hallucination",
    "컨텍스트 콘텍스트 | 문맥 context",
    "윈도우 윈도 | 창 window",
    "드롭아웃 | dropout",
    "데이터 data | 자료",
    "어텐션 | attention",
    "트랜스포머 | transformer",
    "토크나이저 | tokenizer",
    "토큰 | token",
    "맘바 | mamba",
    "퍼플렉서티 퍼플렉시티 | perplexity ppl",
    "프롬프트 prompt | 프롬프팅 prompting",
    "파인튜닝 finetuning | 미세조정 fine-tuning",
    "인스트럭션튜닝 | 지시조정",
    "강화학습 | reinforcement",
    "웨이트 | 가중치 weight",
    "렐루 | relu",
    "로라 | lora",
    "도라 | dora",
    "래그 | rag",
    "멤지피티 | memgpt",
    "임베딩 | embedding",
    "로스 | 손실 loss",
    "멀티헤드 | 다중헤드 multi-head",
    "한글 | 한국어 korean",
    "생각의사슬 체인오브쏘트 체인오브소트 체인오브싱킹 | 사고의사슬 cot chain-of-thought",
)
_SYNONYMS: dict[str, frozenset[str]] = {
    word: frozenset(group.replace("|", " ").split())
    for group in _SAME
    for word in group.replace("|", " ").split()
}
_COURSE_WORDS = frozenset(word for group in _SAME for word in group.partition("|")[2].split())

_ENGLISH = frozenset(
    re.findall(
        r"[a-z']+",
        """a about again an and another any are as ask at be been bye can could did do does don't example examples
        explain for from get give good hello help hi how i i'm in is it last let's me mean means more my need no not
        of okay on one or please question quiz remember right say show so tell than thank thanks that the their them
        then there this time to us want was we what what's when where which who why will with would yes you your""",
    )
)

_ENGLISH_STOP = _ENGLISH | frozenset(
    re.findall(
        r"[a-z']+",
        """method methods completely entirely totally fully whole mind forget anyway five eli pros cons drawback drawbacks advantage advantages disadvantage disadvantages function program script list topics topic invented proposed add adds many actually also answer anything because before best better between bit briefly by code compare comparison
        concept correct correctly course deeper define defined definition describe description detail details
        difference differences differ differs different elaborate else exactly few first formula further going had has
        have having he hey how's idea implement implementation into its itself just kind know known knows learn like
        lot lots main make makes many material materials meaning misconception misconceptions mistake mistakes much
        need notes now old other our out over paper papers part prof professor purpose quick quickly quote really
        reason reasons reference references same second see shall short should simple simply some something sometimes
        source sources stand stands still stuff summarise summarize summary sure talk teach term terms test thing
        think those true typical understand use used uses using usually versus very vs way well were whats whether
        while work works write wrong necessary needed why's yet continue python numpy snippet intuition intuitively
        theory hard exam study proceed next problem problems exercise practice keep tell says said does doesn't isn't
        aren't won't never always often common commonly overview introduce introduction important importance useful
        case cases instance sample show me please kindly could you tho though pls plz even anymore got gotta here simpler easier whats wanna lol
        rn btw skip pass differently otherwise word words matter matters reading go hmm um uh ok today cover covered compute computed computes calculated happens happen come downsides downside limitations any""",
    )
)

_KOREAN_STOP = re.compile(
    r"(?:교수님?|선생님?|저는|제가|저|나|내|제|우리|그럼|그러면|그런데|근데|그리고|혹시|아직|다시|한\s?번|한번|좀|조금|더|또|이제|지금|오늘|"
    r"그거|그것|이거|이것|저거|저것|그게|이게|그건|이건|그|이|거|것|걸|게|건|수|때|점|뭐|뭔|뭘|뭐가|뭐죠|무엇|무슨|어떤|어떻게|왜|언제|어디|누구|얼마|얼마나|몇|"
    r"차이|차이점|공통점|비교|예시|예제|예|사례|보기|코드|구현|파이썬|정의|의미|뜻|개념|설명|소개|원리|방법|과정|방식|동작|작동|이유|까닭|필요|필요성|"
    r"자세히|자세하게|간단히|간단하게|쉽게|구체적으로|정확히|정확하게|알려|알려줘|알려주세요|가르쳐|보여|말해|해줘|해|하는|하나|하나만|몇개|하나요|"
    r"있|있나|있어|있는|없|없나|없어|되|되나|될|된|되는|같|같은|다르|다른|달라|다름|뭐예|뭐예요|뭐야|뭔가|뭔가요|뭐에요|까지|에서|이면|내야|풀어줘|에는|문제|퀴즈|확인|오해|논문|출처|참고|문헌|자료|노트|강의|"
    r"대해|대해서|대하여|관해|관해서|관련|관한|대한|쓰|쓰는|사용|필요한|필요하|중요|중요한|주|주세요|줘|줘요|주시|주실|부탁|부탁해|부탁드려|싶|싶은|"
    r"질문|궁금|궁금한|궁금해|알고|보통|정말|진짜|사실|맞|맞나|맞죠|맞아|아닌가|아니|네|예|응|다음|계속|이어서|요약|요약해|정리해|간략히|핵심|요점|수식|공식|식|됐고|됐어|그나저나|말고|"
    r"뭐라|뭐라고|라고|했|했나|했죠|했지|말씀|물어|물어봤|배운|배웠|공부|이해|모르|모르겠|헷갈|헷갈려|헷갈린다|헷갈린다고|어려|어려워|들어|들|나와|쓸|쓰이|하지|한|할|하|쓰이나|계산|계산하|구하|구해|장점|단점|약점|강점|무슨말|많이|기억|기억나|기억하|수업|교재|그래|그렇|그런|이런|그러는데|쓰면|부터|자주|알아보기|알아보|동작하는가|줄|줄로|뭐고|뭐며|무엇이고|패스|"
    r"내|내줘|내주세|풀어|풀|실제|직접|만|등|및|또는|혹은|라는|이라는|란|이란|뜻이|말이|생기|일어나|일어난|좋|좋은|나쁜|큰|작은|많|많은|적은|보다|보면|대신|못하|않|않나|안|못|글|되어)"
)
_PARTICLE = re.compile(
    r"(?:에\s?대해서?|에\s?대한|에서는|에서도|으로는|으로도|이라는|라는|이라고|라고|이란|란|이랑은|랑은|이랑|랑|하고는|하고|에게|한테|에는|에도|와는|과는|와의|과의|"
    r"으로|에서|까지|부터|처럼|보다는|보다|만의|만은|만|은|는|이|가|을|를|의|와|과|도|에|로|들은|들이|들을|들의|들)$"
)
# Nouns that only look as if they ended in a particle: 정확도, 차이, 평가, 회의, 경로, 효과.
_WHOLE = re.compile(
    r"(?:[확잡속온밀빈각강농순척뢰]도|난이도|유사도|민감도|재현도|[세차나아길깊높넓놀파레]이|[평국추]가)$|"
    r"^(?:용도|정도|작가|화가|단가|정의|강의|회의|동의|합의|주의|편의|경로|진로|도로|회로|피로|제로|통로|효과|결과|성과|통과|초과|경과)$"
)
_ENDING = re.compile(
    r"(?:해줘요?|해주세요|해주실래요|해봐요?|이에요|예요|에요|입니까|입니다|인가요|인가|이죠|죠|이야|야|이요|요|일까요|이고|인데|이면|인지|이지|했|하는|하는지|하나요|하면|해요|합니까|합니다|할까요|해|하죠|됩니다|되나요|돼요|되죠|"
    r"나요|까요|은가요|는가요|는지|은지|을지|지요|지|습니까|습니다|네요|어요|아요|었나요|았나요)$"
)


def language_of(text: str, before: Language) -> Language:
    """The language of a turn: Hangul is Korean, English words English, a bare term goes on as before."""
    if _HANGUL.search(text):
        return "ko"
    words = [word.lower() for word in re.findall(r"[A-Za-z][A-Za-z']*", text)]
    if any(word in _ENGLISH for word in words) or len(words) >= 4:
        return "en"
    return before


# How people ask in a chat, and small words about the talk itself: never what a question is about.
_CHATTER = re.compile(
    r"(?:(?:보여|알려|말해|가르쳐|찾아|만들어|들려|도와|해|풀어|적어|(?<![가-힣])(?:짜|써|내))\s*(?:줘봐|줘요?|주세요|주실래요|주실\s*수\s*있\S*|줄래요?|줄\s*수\s*있\S*|주라|달라|봐요?|보세요)|"
    r"(?<![가-힣])[가-힣]{0,3}[아어여해려라와춰내쳐켜혀]\s?(?:줘(?:요|봐)?|주세요|주실래요|줄래요?|주라|주시겠어요|보세요|봐요?)(?![가-힣])|"
    r"뭔데|뭐임|뭐게|뭐지|뭔지|뭐냐|뭐더라|머임|머야|뭐였\S*|뭔가여|[뭐머]에여|[뭐머]예여)(?![가-힣])|"
    r"(?:설명|말씀|말|질문|얘기|이야기|대답)(?:한|하신|했던|하던|하셨던)\s*(?:거|것|걸|게|내용)|"
    r"(?<![가-힣])(?:아까|방금|지난번|저번|전번|그때|엊그제)(?![가-힣])|(?<![가-힣])안\s?(?:써|쓰|쓸|해|하)\S*|모르겠\S*|(?:영어|한국어|우리말)로|\b[Ii]n\s+(?:English|Korean|english|korean)\b|[ㄱ-ㅎㅏ-ㅣ]+|"
    r"체인\s?오브\s?(?=쏘트|소트|싱킹)"
)


def terms_of(text: str) -> tuple[str, ...]:
    """What a turn is about: its content words, particles and question words taken off, in order.

    A Korean word keeps its longest sensible stem: "역전파에서" gives "역전파", "뭐가 달라요" nothing.
    """
    found: dict[str, None] = {}
    end = -1
    for match in _WORD.finditer(_CHATTER.sub(_chatter, text)):
        token = match.group()
        korean = bool(_HANGUL.match(token))
        attached = (
            korean and match.start() == end and len(token) <= 4
        )  # the particle of "ReLU는", the unit of "3개"
        end = match.end()
        term = "" if attached else _korean_term(token) if korean else _english_term(token)
        if term:
            found[term] = None
    return tuple(found)


def _chatter(found: re.Match[str]) -> str:
    return "체인오브" if found.group().startswith("체인") else " "


def _english_term(word: str) -> str:
    plain = re.sub(r"['’](?:s|re|m|ve|ll|d)$", "", word)
    known = plain.lower() in _ENGLISH_STOP or plain.lower().rstrip("s") in _ENGLISH_STOP
    negated = re.search(r"n['’]t$", plain)
    return "" if known or negated or (len(plain) == 1 and not plain.isupper()) else plain


def _korean_term(word: str) -> str:
    stem = without_particle(word)
    if stem == word:
        stem = _ENDING.sub("", word)
        stem = without_particle(stem) if stem != word else stem
    stem = re.sub(r"(?<=..)[하되]$", "", stem)
    forms = (word, stem, _PARTICLE.sub("", word))
    known = any(map(_KOREAN_STOP.fullmatch, forms)) or len(stem) < 2
    return "" if known else stem


def without_particle(word: str) -> str:
    """A Korean word without the particle at its end; "" where only one letter would be left."""
    bare = _PARTICLE.sub("", word)
    if len(bare) < 2:
        return "" if word.endswith(("은", "는", "을", "를")) and len(word) == 2 else word
    return word if _WHOLE.search(word) else bare


def same_verb(question: str, statement: str) -> bool:
    """Whether a Korean statement ends in a verb that a question has in another form: "어디 살지?", "부산에 살아요"."""
    asked = [word for word in re.findall(r"[가-힣]+", question) if not _KOREAN_STOP.fullmatch(word)]
    told = re.findall(r"[가-힣]+", statement)[-1:]
    return any(_head(word) == _head(last) for word in asked for last in told)


def _head(word: str) -> str:
    """The first consonant and vowel of a word: what the forms of a Korean verb share."""
    return unicodedata.normalize("NFD", word)[:2]


def begins_alike(text: str, terms: Sequence[str]) -> bool:
    """Whether some word of a text begins as some term does: "나누는" as "나눠", "divided" as "divide"."""
    found = terms_of(text)
    return any(
        _letters(word).startswith(_letters(term)[: 4 if term.isascii() else 3])
        and len(word) - len(term) < (4 if term.isascii() else 2)
        for word in found
        for term in terms
    )


def _letters(word: str) -> str:
    return unicodedata.normalize("NFD", word.casefold())


def searched_as(terms: Sequence[str], most: int = 6) -> str:
    """Write terms as search words, each with what a course may call it."""
    words: dict[str, None] = {}
    for term in terms[:most]:
        others = sorted(spellings(term) & _COURSE_WORDS - {term.casefold(), term.casefold().rstrip("s")})
        words.update(dict.fromkeys([term, *others[:3]]))
    return " ".join(words)


def mentions(text: str, term: str) -> bool:
    """Whether a text speaks of a term, under any of its spellings."""
    folded = text.casefold()
    return any(_holds(folded, word) for word in spellings(term))


def spellings(term: str) -> frozenset[str]:
    """A term with what else it is called, folded: "백프롭" is also "역전파" and "backpropagation"."""
    folded = term.casefold()
    plain = folded[:-1] if folded.isascii() and folded.endswith("s") and len(folded) > 3 else folded
    same = _SYNONYMS.get(folded) or _SYNONYMS.get(plain) or frozenset()
    return frozenset({folded, plain}) | same


def _holds(folded: str, word: str) -> bool:
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", folded) is not None
    return word in folded.replace(" ", "") if len(word) > 2 else word in folded


def respelled(term: str, known: Iterable[str]) -> str:
    """The word of the field that a term is almost spelled like: "트렌스포머", "backpropogation"; "" for none."""
    letters = unicodedata.normalize("NFD", term.casefold())
    if len(letters) < 7:
        return ""
    words = {unicodedata.normalize("NFD", word.casefold()): word for word in (*_SYNONYMS, *known)}
    if letters in words:
        return ""
    near = difflib.get_close_matches(letters, words, 1, 0.85)
    return words[near[0]] if near else ""


def names_among(terms: Sequence[str]) -> list[str]:
    """The terms that are names: Latin letters in a Korean question, capitals in an English one."""
    korean = any(_HANGUL.search(term) for term in terms)
    latin = [term for term in terms if term.isascii() and not term.isdigit()]
    return latin if korean else [term for term in latin if not term.islower()]


def coverage(text: str, terms: Sequence[str]) -> float:
    """The share of the terms that a text speaks of; names count twice, bare numbers half."""
    if not terms:
        return 0.0
    names = names_among(terms)
    weights = [0.5 if term.isdigit() else 2.0 if term in names else 1.0 for term in terms]
    return sum(w for term, w in zip(terms, weights, strict=True) if mentions(text, term)) / sum(weights)


def overlap(said: str, text: str) -> float:
    """How much of what was said a text repeats: the share of its pairs of letters, spaces and case aside."""
    pairs = _pairs(said)
    return len(pairs & _pairs(text)) / len(pairs) if pairs else 0.0


def _pairs(text: str) -> set[str]:
    folded = re.sub(r"[^0-9a-z가-힣]+", "", text.casefold())
    return {folded[place : place + 2] for place in range(len(folded) - 1)}


def same_terms(terms: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two sets of terms name the same things."""
    ours, theirs = [spellings(term) for term in terms], [spellings(term) for term in others]
    return bool(ours) and all(any(one & other for other in theirs) for one in ours)
