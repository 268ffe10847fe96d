"""How a turn that tells something, or asks to have it remembered, is known from one that asks or claims."""

from __future__ import annotations

import re
from typing import Final

from ...context.smalltalk import is_question, small_talk

ASKS_TO_KEEP: Final = re.compile(
    r"(?:기억|메모|기록)(?:해|하고)\s*(?:줘요?|주세요|주실래요|주실\s*수\s*있\S*|줄래요?|주라|둬요?|두세요|놔요?|놓으세요|있어\s*(?:줘|주세요))(?!\s*\?)|"
    r"기억하세요(?!\s*\?)|잊지\s*(?:마|말아)\S*|까먹지\s*(?:마|말아)\S*|적어\s*(?:둬|두세요|놔|놓으세요)|"
    r"(?:^|[.!,:]\s+)(?:(?:please|pls|hey|also|and|ok(?:ay)?|can\s+you|could\s+you|will\s+you|i\s+want\s+you\s+to|i\s+need\s+you\s+to),?\s+)*"
    r"(?:remember|note|keep\s+in\s+mind|(?:make|take)\s+a\s+note|don't\s+forget|jot\s+down|write\s+down)"
    r"(?=[\s:,]+(?!me\b|what\b|when\b|how\b|who\b|where\b|why\b|if\b)\S)|\bremember\s+(?:that|this|it)(?=(?:\s+please)?[.!\s]*$)",
    re.IGNORECASE,
)
"""An explicit request to have something remembered."""
KEPT: Final = re.compile(
    r"(?:뭐|뭘|무엇|무얼|뭔가|어떤\s*(?:걸|거|것)).{0,20}기억해?\s*(?:달라|하라|줘라)고|기억해?\s*(?:달라|하라)고\s*(?:한|했|부탁).{0,20}(?:뭐|뭘|무엇|말|있)|"
    r"\bwhat\b.*\bi\b.*\byou\s+to\s+(?:remember|note|keep\s+in\s+mind|write\s+down)|\bi\s+asked\s+you\s+to\s+remember.*\?",
    re.IGNORECASE,
)
"""A question on what was to be remembered."""
OWN: Final = re.compile(
    r"(?:어디|누구|언제|몇\s*\S{1,3}?)(?:이)?라고\s*(?:했|말했|그랬)(?:지|죠|더라|었지|나요|나)|"
    r"(?:^|\s)(?:제|내|우리|저희|저의|나의)\s+\S.*(?:뭐|무엇|누구|어디|언제|몇|며칠|이름)|(?:^|\s)(?:제가|내가|나는?|저는?)\s+(?:\S+\s+){0,2}(?:어디|언제|누구|몇|무슨|뭐)\S*\s*\S*(?:살|다니|사는|좋아|일하|만나|가기로|한다고|산다고|했)|"
    r"(?:언제|몇\s*시)(?:야|예요|이에요|지|죠|더라|였\S+|인가요)?\s*\?*$|^when(?:['’]s|\s+is|\s+was)\b|"
    r"(?:시험|과제|발표|숙제|중간|기말|조모임)\S*\s+(?:\S+\s+){0,2}(?:뭐|무엇|어디|몇|누구|어떻)|\bwhat\b.*\b(?:the|my|our)\s+(?:\w+\s+)?(?:exam|midterm|final|quiz|homework|assignment|presentation|project)\b|"
    r"\b(?:who|what|where|when|which|how\s+many)\b.*(?:\b(?:is|are|was|were)|['’]s)\s+(?:my|our)\b|\b(?:where|when|who|which|what)\s+\S*\s*(?:do|did|am|was)\s+i\b",
    re.IGNORECASE,
)
"""A question on the student's own life."""
_WISHES = re.compile(
    r"싶|필요|궁금|원해|원합|좋겠|줘|주세요|주실|모르|이해|헷갈|어려|생각|것\s*같|거\s*같|"
    r"\bi\s+(?:\w+\s+)?(?:think|guess|believe|heard|thought|wonder|want|need|mean|understand|understood|see|get|got|know|hope|wish)\b|"
    r"\bi(?:'d|\s+would)\s+(?:like|love|rather)\b|\b(?:don't|do\s+not|can't|cannot|didn't)\b|\bplease\b|\bi'm\s+(?:asking|wondering|curious|interested|confused|lost|stuck|not\s+sure|sure)\b",
    re.IGNORECASE,
)
_OF_SELF = re.compile(
    r"(?:^|[\s,.!])(?:저|제|나|내|우리|저희|전|난)(?:는|은|가|도|의|희|한테|에게|랑)?(?=\s)|^\W*(?:well,?\s+|so,?\s+|also,?\s+|and\s+|but\s+|today,?\s+|yesterday,?\s+)*(?:i|i'm|i’m|i've|i'll|my|our|we|we're|we've)\b",
    re.IGNORECASE,
)
_I_DO = re.compile(
    r"[가-힣](?<=[았었했였갔봤왔됐웠렸꿨났랐샀섰썼났졌쳤겼])(?:어요?|습니다|음|지요?|네요?|거든요?|답니다|다)[\s.!~…ㅎㅋㅠㅜ]*$|(?:할|갈|볼|될|을|릴)\s*(?:거예요|거야|예정이에요|예정이야|계획이에요)[\s.!~]*$|^.{0,24}[가-힣](?:을|를)\s+(?:\S+\s+)?\S+(?:요|니다)[\s.!~]*$"
)
_SOMETHING_ELSE = re.compile(
    r"(?<![가-힣])(?!오늘|어제|내일|이번|지난|주말|아침|저녁|요즘|저|나|우리)[가-힣A-Za-z0-9]+(?:은|는|이|가)\s"
)


def tells_of_self(text: str) -> bool:
    """Whether a turn tells something of the student's own life, and neither asks nor claims anything."""
    if is_question(text) or small_talk(text) or _WISHES.search(text) or len(text) > 300:
        return False
    return speaks_as_self(text) or bool(_I_DO.search(text) and not _SOMETHING_ELSE.search(text))


def speaks_as_self(text: str) -> bool:
    """Whether a turn says "I", "my" or "we" where it begins or, in Korean, anywhere."""
    return bool(_OF_SELF.search(text))
