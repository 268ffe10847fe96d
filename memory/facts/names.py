"""What somebody is called: names and nicknames that a clause states, and the name in a line typed at a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from .clauses import Clause, clauses, is_korean
from .values import Found, Kind

_SURNAMES = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기왕금옥육인맹제모탁국"
_GIVEN = "민지서윤하준우현수진영은혜미경아연주희정성호석훈재형태규동상유나라솔예린다빈찬건승기원선도이시온별봄슬한범철용환인세보해"
MADE = rf"[{_SURNAMES}]?[{_GIVEN}]{{2}}"
"""How most Korean names are made; enough where the sentence is about a name, or the name has a surname too."""
_ANY = r"(?P<name>[가-힣]{1,5}|[A-Za-z][A-Za-zÀ-ÿ'.-]*(?:\s[A-Z][A-Za-zÀ-ÿ'.-]*){0,3})"
_IS = (
    r"(?:입니다|이에요|예요|에요|이야|야|임|이고|고|인데|이라서|(?:이라고|라고)\s*(?:합니다|해요|해|하는데))"
)
_ME = r"(?:저는|전|저|나는|난|나)"
_STUDIES = r"(?:(?:\S+\s+)?\S*(?:과|학부|대학교?|학년|학번|다니는|전공하는|전공)\s+){0,3}"
_TO = r"(?:으)?로\s*(?:바꿔|바꿨|변경|고쳐)\S*(?:\s*(?:줘요?|주세요))?$"
_MY = r"(?:제|저의|내|나의)"
# What says in so many words that it is about a name.
_SAID: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("name", re.compile(rf"^{_MY}\s*이름은?\s*(?:\S+[이가]?\s*(?:아니라|아니고)\s*|사실\s*|이제\s*)?{_ANY}{_IS}$")),
    ("name", re.compile(rf"^{_MY}\s*이름을\s*{_ANY}{_TO}")),
    ("name", re.compile(rf"^이름을\s*(?P<name>{MADE}){_TO}")),
    ("name", re.compile(rf"^{_ME}\s+{_STUDIES}(?P<name>[가-힣]{{2,4}}?)이?라고\s*(?:합니다|해요|해|하는데)$")),
    ("nickname", re.compile(rf"^(?:(?:저를|절|저는|저|나를|날|그냥|앞으로는?|이제는?|이제부터는?|편하게)\s*)*{_ANY}(?:이?라고|(?:으)?로)\s*불러(?:\s*(?:줘요?|주세요|주시면\s*\S+|도\s*\S+))?$")),
    ("nickname", re.compile(rf"^(?:{_MY}\s*)?별명은\s*{_ANY}{_IS}$")),
    ("nickname", re.compile(rf"^(?:{_MY}\s*)?별명[은을이]\s*{_ANY}(?:으)?로\s*(?:바꿨|바뀌었|변경)\S*$")),
    ("name", re.compile(r"(?:\bmy\s+(?:(?:full|first|real)\s+)?|^(?:the\s+)?(?=name's))name(?:\s+is|'s)\s+(?:actually\s+|now\s+)?(?P<name>[^,]+)(?=$|,)", re.IGNORECASE)),
    ("name", re.compile(r"^(?:i(?:'ve|\s+have)?\s+(?:\w+\s+)?changed|change)\s+my\s+name\s+to\s+(?P<name>.+)$", re.IGNORECASE)),
    ("nickname", re.compile(r"^(?:(?:you\s+can|just|simply)\s+)*call\s+me\s+(?P<name>.+)$", re.IGNORECASE)),
    ("nickname", re.compile(r"^(?:i(?:\s+usually)?\s+go\s+by|my\s+nickname(?:\s+is|'s))\s+(?P<name>.+)$", re.IGNORECASE)),
)  # fmt: skip
# What does so only where somebody introduces themself.
_INTRODUCED = (
    re.compile(
        rf"^(?:{_ME}\s+)?{_STUDIES}(?P<name>{MADE})(?:입니다|이에요|예요|이야|야|이고|고|인데|이?라고\s*합니다)$"
    ),
    re.compile(
        r"^(?:[Ii]'m|[Ii]\s+am|[Ii]m|[Tt]his\s+is)\s+(?P<name>[A-Z][\w'.-]*(?:\s[A-Z][\w'.-]*){0,3})(?=$|,(?P<described>\s+(?:an?|from|in)\s)?)"
    ),
)
_INTRODUCES = re.compile(
    r"안녕|반갑|반가|부탁|처음\s*뵙|\b(?:hi|hello|hey|good\s+(?:morning|afternoon|evening)|nice\s+to\s+meet)\b", re.IGNORECASE
)  # fmt: skip
_HEAD = re.compile(
    r"^(?:(?:처음\s*뵙겠습니다|안녕하세요|안녕|반갑습니다|교수님|선생님|네|아|참|음|어|저기|그럼|이제|hi|hello|hey|good\s+(?:morning|afternoon|evening)|there|"
    r"professor|prof|oh|well|ok|okay|by\s+the\s+way|btw|actually|so|and|but|also|no|yes|sorry|please)(?![가-힣\w'])[\s,.!~:]*)+",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:[\s,.!~ㅎㅋ^)]|(?<=\s)(?:now|please|instead|actually|thanks|btw|by\s+the\s+way|from\s+now\s+on|ok|okay))+$",
    re.IGNORECASE,
)
_LIKE_A_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?:\s[^\W\d_][\w'’.-]*){0,3}")
_NO_NAME = re.compile(
    r"비밀|한글|한자|외자|별로|.*(?:이름|글자|님|지인|상인|선인|시인|성인)|수원|용인|경주|원주|상주|영주|인도|경기|기자|유아|정상|진심|인기|수시|정시|동의|이상|이하|미정|우선|수도|기원|진지|(?:뭐|왜|누구|몰라|모르|없|싫|안\s|알려|도움|그만|종료|나중|건너|아니|네$|응$|그냥).*|"
    r"(?:not|on|in|at|an?|the|too|so|very|hard|long|weird|taken|pronounced|common|rare|unusual|wrong|spelled|misspelled|missing|secret|private|back|later|when|if|"
    r"maybe|whatever|crazy|stupid|dumb|lazy|old|again|tomorrow|today|tonight|anytime|asap|that|this|it|nothing|your?|my|his|her|here|ready|fine|"
    r"help|skip|quit|exit|stop|none?|yes|what|why|who|how|where|which|can|could|do|does|is|are|i|tell|show|explain|let's|let|start|give|open|me|teach|"
    r"korean|chinese|japanese|american|british|english|german|french|canadian|indian|mexican|italian|spanish|russian|asian|european|african|"
    r"australian|vietnamese|brazilian|turkish|dutch|thai|muslim|catholic|buddhist|jewish)(?![\w-]).*",
    re.IGNORECASE,
)


def names(clause: Clause, *, asked: bool = False) -> Iterator[Found]:
    """Give what a clause says that its writer is called; `asked` where a name is what is expected."""
    text = _END.sub("", _HEAD.sub("", clause.text))
    for kind, rule in _SAID:
        if (found := rule.search(text)) and (name := _checked(_unspoken(found))):
            yield Found(kind, name)
            return
    for rule in _INTRODUCED:
        found = rule.search(text)
        name = _checked(_unspoken(found)) if found else ""
        surname = is_korean(name) and text.startswith(
            ("저는", "전 ") if len(name) == 2 else ("저", "전", "나", "난")
        )
        described = found is not None and bool(found.groupdict().get("described"))
        if name and (asked or surname or described or _INTRODUCES.search(clause.said)):
            yield Found("name", name)
            return


def name_in(line: str) -> str | None:
    """Give the name in a line typed where a name is asked for, alone or in a sentence; None where it holds none."""
    line = " ".join(line.split())
    found = [fact for clause in clauses(line, datetime.now(UTC)) for fact in names(clause, asked=True)]
    called = next(
        (fact.value for fact in found if fact.kind == "nickname"), found[0].value if found else None
    )
    if called is not None or "?" in line or line.startswith(("/", "!")):
        return called
    alone = re.sub(
        rf"^(?:{_ME}|i'm|im|i\s+am|it's)\s+", "", _END.sub("", _HEAD.sub("", line)), flags=re.IGNORECASE
    )
    alone = re.sub(r"(?<=[가-힣]{2})이?(?:요|에요|예요|입니다)?$", "", alone) if is_korean(alone) else alone
    return _checked(alone, alone=True) or None


def _unspoken(found: re.Match[str]) -> str:
    """Give a name without the 이 or 으 that is only spoken between it and what follows: "지훈이라고", "지훈으로"."""
    name, after = found["name"], found.string[found.end("name") :]
    spoken = name[1:].endswith(("이", "으")) and not after.startswith(("입니다", "예요"))
    closed = spoken and "가" <= name[-2] <= "힣" and (ord(name[-2]) - ord("가")) % 28 > 0
    return name[:-1] if closed else name


def _checked(name: str, *, alone: bool = False) -> str:
    """Give a name; "" where it is none.

    Args:
        alone: Nothing was written but the name: "emma lee" is one; after "my name is" come other small words too.
    """
    words = name.split()
    small = [word for word in words if word[0].islower()]
    parted = is_korean(name) and len(words) > 1 and not (len(words) == 2 and words[0] in _SURNAMES)
    no_name = any(_NO_NAME.fullmatch(word) for word in (name, *small))
    return "" if parted or no_name or len(small) > 1 + alone or not _LIKE_A_NAME.fullmatch(name) else name
