"""What is data about word problems: what only asks, signs, units, and the rules themselves.

In a rule `{n}` is a number, `{i}` a whole one, `{a}` one number or bracket, `{c}` any value without a variable, `{e}` a
formula, `{v}` a variable, `{l}` a list of numbers, `{m}` a matrix, `{w}` a vector, `{q}` equations, `{u}` a unit. A
space may be left out in Korean; `~` may be left out in both languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What only asks

_TAIL = "[이일인임입니까가요야에예지죠나냐노줘주세시라겠어여습다될되돼는은고싶네봐보할수있래게면해하]"
OPENING = re.compile(
    r"^(?:(?:안녕하세요|교수님|선생님|혹시|그럼|그러면|근데|저기요?|다음|문제|질문|계산|음+|어+)[\s,:~!.]+"
    r"|(?:hi|hello|hey|ok(?:ay)?|so|um+|uh|well|quick question|prof(?:essor)?|pl(?:ea)?se?|plz|(?:can|could|would|will) (?:you|u|we|i)|"
    r"help me(?: to)?|i (?:need|want|have) to|let'?s|calculate|compute|evaluate|work out|figure out|find(?: out)?|tell me|give me|"
    r"show me|solve|what(?:'?s| is| are| does| do you get if you| would)?|whats|wat'?s?|how much(?:'s| is)?|how do i (?:calculate|compute)|"
    r"is|the|value of|result of|answer (?:to|of|for))(?:[\s,:!.]+|(?=[\d(√\[])))"
)
ENDING = re.compile(
    r"(?:몇 ?(?:명|개|원|점|장|마리|권|가지)|[\s.?~,;:=…ㅋㅎㅠㅜ]+|(?<=[^\d)\]!])!+"
    rf"|(?:(?<=[\s은는이가을를의값해답과도좀로])|(?<![가-힣]))(?:얼마|뭐|뭔|무엇|몇|어떻게|구|계산|알려|말|보여|풀|찾|부탁|궁금|나와|나오|돼|되|가르쳐){_TAIL}{{0,9}}"
    rf"|(?<=[\s한면의])(?:값|답|정답|결과)|의 ?값|(?:하|해)(?:면|라|시오|세요|자|기|줘|주|봐|보|요|서|볼|야){_TAIL}{{0,6}}"
    rf"|(?<=[해어려아내])\s?(?:줘|주|봐){_TAIL}{{0,6}}|\s(?:은|는|을|를|좀)"
    r"|(?<=[가-힣\d)\]a-z!%])(?:은|는|가|을|를|의|이?야|이?에요|예요|이?냐|인가요?|일까요?|입니까|이?죠|임|인지|요|좀|도|이)"
    r"|\s(?:pl(?:ea)?se|plz|pls|thanks|thank you|thx|ty|for me|equals?(?: to)?|is what|is|are|prof(?:essor)?|sir|by hand|step by step))$"
)

# Operations in words; the calculator reads the rest itself

# The root of 16 plus 9: of one number or of both? Only what ends, or goes on with another root, is clear.
_ROOT = r"(?:루트|(?:the )?(?:square )?root (?:of )?)"
_ROOT_OF = rf"{_ROOT}\s*(?=(?:\d+(?:\.\d+)?|\([^()]*\))\s*(?:$|[-+*/]\s*{_ROOT}))"
SYMBOLS: tuple[tuple[str, str], ...] = (
    (r"\s*(?:더하기|플러스|\bplus\b)\s*", " + "),
    (r"\s*(?:빼기|마이너스|\bminus\b)\s*", " - "),
    (r"\s*(?:곱하기|\btimes\b|\bmultiplied by\b)\s*", " * "),
    (r"\s*(?:나누기|\bdivided by\b|\bover\b)\s*", " / "),
    (r"\s*(?:의 ?)?세 ?제곱(?!근)|\s*\bcubed\b", "^3"),
    (r"\s*(?:의 ?)?(\d+) ?(?:제곱(?!근)|승)|\s*\b(?:raised )?to the (?:power (?:of )?)?(\d+)(?:st|nd|rd|th)?(?: power)?\b", r"^\1\2"),
    (r"\s*(?:의 ?)?제곱(?!근)|\s*\bsquared\b", "^2"),
    (_ROOT_OF, "√"),
    (r"\s*(?:의 ?)?(?:팩토리얼|계승)|(?<=\d)\s*\bfactorial\b", "!"),
    (r"\s*=\s*", " = "),
    (r"\b(?:equals|is equal to)\b", " = "),
    (r"(\([^()]*\)|\d+)\s*%\s*of\s*(?=\d+(?:\.\d+)?$)", r"\1/100*"),
    (r"\blog_?\s*\(?(\d+)\)?\s*\(([^()]*)\)|\blog_\(?(\d+)\)?\s*(\d+)|\blog(\d+)\s+(\d+)", r"log(\2\4\6, \1\3\5)"),
    (r"\blog\s*(?:\((10*)\)|(10*)(?![\d,./]))", r"log10(\1\2)"),
)  # fmt: skip

# Units: their kind, and how many of the smallest one they are

UNITS: Mapping[str, tuple[str, str]] = {
    name: (kind, factor)
    for kind, factor, names in (
        ("time", "1", "초 second seconds sec secs"),
        ("time", "60", "분 minute minutes min mins"),
        ("time", "3600", "시간 hour hours hr hrs"),
        ("time", "86400", "일 day days"),
        ("time", "604800", "주 주일 week weeks"),
        ("length", "1", "mm 밀리미터 millimeter millimeters millimetre millimetres"),
        ("length", "10", "cm 센티 센티미터 centimeter centimeters centimetre centimetres"),
        ("length", "1000", "m 미터 meter meters metre metres"),
        ("length", "1000000", "km 킬로미터 kilometer kilometers kilometre kilometres"),
        ("length", "25.4", "inch inches 인치"),
        ("length", "304.8", "ft foot feet 피트"),
        ("length", "1609344", "mile miles 마일"),
        ("mass", "1", "mg 밀리그램 milligram milligrams"),
        ("mass", "1000", "g 그램 gram grams"),
        ("mass", "1000000", "kg 킬로그램 킬로 kilogram kilograms kilo kilos"),
        ("mass", "453592.37", "lb lbs pound pounds 파운드"),
        ("mass", "1000000000", "톤 tonne tonnes"),
        ("volume", "1", "ml 밀리리터 milliliter milliliters millilitre millilitres"),
        ("volume", "1000", "l 리터 liter liters litre litres"),
        ("data", "1", "bit bits 비트"),
        ("data", "8", "byte bytes 바이트"),
        ("data", "8192", "kib"),
        ("data", "8388608", "mib"),
        ("data", "8589934592", "gib"),
    )
    for name in names.split()
}

# The rules: the whole of what is left when nothing asks any more, and its calculation (or the name of a form)

_OF = r"(?:을|를|의|은|는)?"
_PRIME = r"(?:소수(?:인지|가 맞|맞)?)"
_DICE_KO = r"주사위(?:를|을)? {i}(?:개|번)?(?:를|을)? ?(?:동시에 |연속으로 )?(?:(?:던|굴)[가-힣]{1,3} ?(?:때)?|의)? ?(?:나온 |나오는 )?(?:두 |세 )?(?:주사위의 |눈의 |눈 |숫자의 )?(?:수의 )?"
_DICE2_KO = (
    r"(?:두|2) 주사위를? ?(?:던[가-힣]{1,3}|굴[가-힣]{1,3})?(?: 때)? ?(?:나온 )?(?:의 )?(?:눈의 )?(?:수의 )?"
)
_DIE_KO = r"(?:정육면체 )?주사위(?:를|을)? ?(?:1|하나|한)? ?(?:개|번)?(?:를|을)? ?(?:던|굴)[가-힣]{1,3} ?(?:때)? ?(?:나온 |나오는 )?(?:눈이 |눈의 수가 |숫자가 )?"
_COIN_KO = (
    r"(?:공정한 )?동전(?:을|를)? {i}(?:개|번)?(?:를|을)? ?(?:동시에 |연속으로 )?던[가-힣]{1,3} ?(?:때)? ?"
)
_WILL = r" ?(?:이|가|인|일|될|되는|나올|나오는|이 될|이 나올|가 될|가 나올|이 나오는|가 나오는)? ?(?:확률)"
_SIDE = r"(?:앞|뒷|뒤)(?:면)?(?:이|만)?"
_CHANCE = r"(?:probability|chance|prob)(?: (?:of|that|to|for))?"
_ROLL = r"(?:of )?(?:getting |rolling |to get |to roll )?(?:a |an )?"
_DIE_EN = r"(?:on |with |when rolling |rolling )?(?:(?:a|1) (?:fair )?(?:6[- ]sided )?(?:die|dice)(?: roll)?|a roll of a die)"
_TOSS = r"(?:in|from|with|when|if|out of)(?: (?:you|i))?(?: (?:flip|toss|flipping|tossing))?(?: a(?: fair)? coin)? {i} (?:(?:fair )?coin )?(?:flips?|toss(?:es)?|times|coins?|fair coins)(?: of a (?:fair )?coin)?"
_PICK = r"(?:choose|pick|select)(?:ing)?"
_PICK_KO = r"(?:을|를)? ?(?:동시에 |한꺼번에 )?(?:뽑|고르|고를|선택|꺼내|꺼낼)(?:는|을|할|하는)? ?(?:경우의 수|방법의 수|조합(?:의 수)?|가짓수)"
_LINE_KO = r"(?:일렬로|한 줄로|순서대로) ?(?:세우|배열하|나열하|줄 ?세우|서|늘어놓)(?:는|을|ㄹ)? ?(?:경우의 수|방법의 수)"
_FROM_KO = r"(?: ?중(?:에서?)?| ?가운데|에서)"

RULES: tuple[tuple[str, str], ...] = (
    # Percent
    (r"{n}% of {a}", "{1}*{0}/100"),
    (rf"{{a}}{_OF} {{n}}%", "{0}*{1}/100"),
    (r"{a}(?:에서|을|를|의)? ?{n}% ?(?:할인(?:된|한|가|가격)?|세일|감소|깎|인하|빼|내리|낮추)(?:하|면|된|한|으면|은|가격|금액은| )*", "{0}*(1-{1}/100)"),
    (r"{a}(?:에서|에|을|를|의)? ?{n}% ?(?:인상|증가|올리|오르|상승|더하|추가|할증)(?:하|면|된|한|르|린| )*", "{0}*(1+{1}/100)"),
    (r"{n}% off(?: of| on)? {a}", "{1}*(1-{0}/100)"),
    (r"{a}(?: with)?(?: an?)? {n}% (?:off|discount|taken off)", "{0}*(1-{1}/100)"),
    (r"(?:decrease|reduce|discount) {a} by {n}%|{a} (?:decreased|reduced|discounted) by {n}%", "{0}*(1-{1}/100)"),
    (r"increase {a} by {n}%|{a} increased by {n}%|{a} plus {n}%", "{0}*(1+{1}/100)"),
    (r"(?:what )?% is {a} (?:out )?of {a}|{a} (?:is|as) (?:what|a) % of {a}|{a} (?:out )?of {a} (?:as|in) (?:a )?%", "{0}/{1}*100"),
    (r"(?:what |which )?% of {a} is {a}", "{1}/{0}*100"),
    (r"{a}(?:은|는|이|가)? {a}의 (?:몇|얼마)? ?%", "{0}/{1}*100"),
    (r"{a}에서 {a}(?:은|는) (?:몇) ?%", "{1}/{0}*100"),
    (r"{a} is {n}% of (?:what|which)(?: number)?", "{0}/({1}/100)"),
    (r"{a}에서 {a}(?:으로|로) (?:몇 ?% ?(?:증가|상승|올랐|오른|늘)(?:어|었|했|했어|했나요|률|한 거)?|(?:증가율|상승률))", "({1}-{0})/{0}*100"),
    (r"% (?:increase|change) from {a} to {a}", "({1}-{0})/{0}*100"),
    # The four operations, remainders
    (r"{a}(?:에|과|와|이?랑|하고)? ?{a}(?:을|를)? ?(?:더하|더|합하|합)(?:하|해|한|면|기)*", "{0}+{1}"),
    (r"{a}에서 {a}(?:을|를)? ?(?:빼|뺀)(?:면|기)?", "{0}-{1}"),
    (r"{a}(?:에|과|와|이?랑|하고)? ?{a}(?:을|를|의)? ?곱(?:하|해|한|면|기)*", "{0}*{1}"),
    (r"{a}(?:을|를)? ?{a}(?:으로|로)? ?(?:나누|나눈|나눠)(?:면|기|어|서)*", "{0}/{1}"),
    (r"{a}에 {a}(?:을|를)? 더하고 {a}(?:을|를)? ?곱(?:하|한|면)*", "({0}+{1})*{2}"),
    (r"{a}에서 {a}(?:을|를)? 빼고 {a}(?:을|를)? ?곱(?:하|한|면)*", "({0}-{1})*{2}"),
    (r"{a}에 {a}(?:을|를)? 곱하고 {a}(?:을|를)? ?더(?:하|한|면)*", "{0}*{1}+{2}"),
    (r"{a}에 {a}(?:을|를)? 곱하고 {a}(?:을|를)? ?(?:빼|뺀)(?:면)?", "{0}*{1}-{2}"),
    (r"(?:sum of|add) {l}", "added: {0}"),
    (rf"{{l}}{_OF} ?(?:총합|합계|합|(?:모두|다|전부) ?더하?(?:한|면)?)", "added: {0}"),
    (r"(?:product of|multiply) {l}", "multiplied: {0}"),
    (r"(?:difference (?:between|of)) {a} and {a}", "abs({0}-{1})"),
    (r"add {a} to {a}", "{1}+{0}"),
    (r"subtract {a} from {a}", "{1}-{0}"),
    (r"(?:multiply )?{a} (?:multiplied )?by {a}", "{0}*{1}"),
    (r"divide {a} by {a}|{a} (?:divided by|over) {a}|quotient of {a} and {a}", "{0}/{1}"),
    (r"{f} of {a}", "{0}*{1}"),
    (r"{a}의 (?:절반|반)", "{0}/2"),
    (r"{a}의 {f}", "{0}*{1}"),
    (r"remainder (?:when|of|if) ?{i} (?:is )?divided by {i}|{i} mod(?:ulo)? {i}|{i} divided by {i} remainder", "{0} % {1}"),
    (r"remainder (?:when|if)? ?you divide {i} by {i}", "{0} % {1}"),
    (r"{i}(?:을|를)? ?{i}(?:으로|로)? 나(?:눈|누었을 때|눴을 때|누면|눌 때)(?:의)? 나머지|{i} ?/ ?{i}의 나머지|{i} ?나누기 ?{i}의? ?나머지", "{0} % {1}"),
    (r"{i}(?:을|를)? ?{i}(?:으로|로)? 나(?:눈|누었을 때|눴을 때|누면)(?:의)? 몫", "{0}//{1}"),
    # Powers, roots, logarithms, factorials
    (r"{a}의 {i} ?(?:제곱|승)", "{0}^{1}"),
    (r"{a}의 (?:양의 제곱근|양수 제곱근)|제곱근 {a}|(?:square )?root (?:of )?{a}|sqrt of {a}", "sqrt({0})"),
    (r"{a}의 제곱근", "solve(x^2={0}, x)"),
    (r"{n}의 세제곱근|세제곱근 {n}|(?:cube|cubic|third) root (?:of )?{n}|cbrt (?:of )?{n}", "cube root: {0}"),
    (r"{i}(?:st|nd|rd|th) root of {i}", "root({1}, {0})"),
    (r"square of {a}|{a}의 제곱", "({0})^2"),
    (r"cube of {a}", "{0}^3"),
    (r"(?:log|logarithm)(?: to)?(?: the)?,? ?base {i} of {a}|밑이 {i}인 (?:로그 ?{a}|{a}의 로그)|로그 ?{i}의 {a}", "log({1}, {0})"),
    (r"(?:log|logarithm) of {a} (?:to |in |with )?(?:the )?base {i}", "log({0}, {1})"),
    (r"log {a} base {i}", "log({0}, {1})"),
    (r"상용로그 {a}|common log(?:arithm)? of {a}", "log10"),
    (r"자연로그 {a}|natural log(?:arithm)? of {a}|ln of {a}", "ln"),
    (r"factorial (?:of )?{i}|{i} factorial", "factorial"),
    (r"absolute value of {c}|{c}의 절댓?값", "abs"),
    # Combinations and permutations
    (r"{i} ?c ?{i}|{i} choose {i}|c ?\( ?{i} ?, ?{i} ?\)|(?:number of )?combinations? of {i} (?:things )?(?:taken |choose )?{i}(?: at a time)?|ncr ?\(? ?{i},? ?{i}\)?", "comb({0}, {1})"),
    (r"{i} ?p ?{i}|p ?\( ?{i} ?, ?{i} ?\)|(?:number of )?permutations? of {i} (?:things )?(?:taken )?{i}(?: at a time)?|npr ?\(? ?{i},? ?{i}\)?", "perm({0}, {1})"),
    (r"{i} ?h ?{i}", "comb({0}+{1}-1, {1})"),
    (rf"(?:how many|number of) ways (?:(?:are there |can (?:you|i|we) |to ))*{_PICK} {{i}}(?: [a-z]+)? (?:from|out of|of|among)(?: a group of)? {{i}}(?: [a-z]+)?", "comb({1}, {0})"),
    (rf"{_PICK} {{i}}(?: [a-z]+)? (?:from|out of) {{i}}(?: [a-z]+)?", "comb({1}, {0})"),
    (r"(?:how many|number of) ways (?:(?:are there |can (?:you|i|we) |to ))*(?:arrange|order|line up) {i}(?: different| distinct)?(?: [a-z]+)?(?: in a (?:row|line))?", "factorial({0})"),
    (rf"(?:서로 다른 )?(?:[가-힣]{{1,4}} )?{{i}}{_FROM_KO} ?{{i}}{_PICK_KO}", "comb({0}, {1})"),
    (rf"(?:서로 다른 )?(?:[가-힣]{{1,4}} )?{{i}}{_FROM_KO} ?{{i}}(?:을|를)? ?(?:뽑아|골라)(?:서)? ?{_LINE_KO}", "perm({0}, {1})"),
    (rf"(?:서로 다른 )?(?:[가-힣]{{1,4}} )?{{i}}(?:을|를)? ?{_LINE_KO}", "factorial({0})"),
    # Whole numbers
    (rf"(?:gcd|gcf|hcf|greatest common (?:divisor|factor|denominator)|highest common factor)(?: of| for| between)? {{l}}|{{l}}{_OF} ?(?:gcd|최대 ?공약수)|최대 ?공약수 {{l}}|{{l}}(?: of)? (?:gcd|gcf)", "gcd"),
    (rf"(?:lcm|least common (?:multiple|denominator)|lowest common multiple)(?: of| for| between)? {{l}}|{{l}}{_OF} ?(?:lcm|최소 ?공배수)|최소 ?공배수 {{l}}|{{l}} lcm", "lcm"),
    (rf"(?:is )?{{i}}(?: is)? (?:an? )?prime(?: number)?(?: or not)?|{{i}}(?:은|는|이|가)? ?{_PRIME}", "isprime({0})"),
    (r"{i}(?:을|를|의)? ?소인수 ?분해?|소인수분해 {i}|prime (?:factorization|factorisation|factors|decomposition) of {i}|(?:prime )?factor(?:ize|ise)? {i}|factor {i} into primes", "factorint"),
    (r"{i}의 약수(?:들)?(?:를? 모두|를? 전부)?|(?:all )?(?:factors|divisors) of {i}", "divisors"),
    # Lists
    (rf"(?:mean|average|avg)(?: of| for)? {{l}}|(?:평균|산술평균) {{l}}|{{l}}{_OF} ?(?:산술)?평균내?|{{l}} (?:average|mean)|average {{l}}", "mean"),
    (rf"median(?: of)? {{l}}|중앙값 {{l}}|{{l}}{_OF} ?(?:중앙값|중위수|중간값)", "median"),
    (rf"mode(?: of)? {{l}}|최빈값 {{l}}|{{l}}{_OF} ?최빈값", "mode"),
    (rf"population variance(?: of)? {{l}}|{{l}}{_OF} ?모분산|모분산 {{l}}", "pvariance"),
    (rf"sample variance(?: of)? {{l}}|{{l}}{_OF} ?표본 ?분산|표본분산 {{l}}", "variance"),
    (rf"population (?:standard deviation|sd|stdev|std)(?: of)? {{l}}|{{l}}{_OF} ?모 ?표준 ?편차|모표준편차 {{l}}", "pstdev"),
    (rf"sample (?:standard deviation|sd|stdev|std)(?: of)? {{l}}|{{l}}{_OF} ?표본 ?표준 ?편차|표본표준편차 {{l}}", "stdev"),
    (r"(?:largest|biggest|max(?:imum)?) of {l}|{l} 중 (?:가장 큰 수|최댓값)", "max"),
    (r"(?:smallest|min(?:imum)?) of {l}|{l} 중 (?:가장 작은 수|최솟값)", "min"),
    # Sums of series
    (r"{i}(?:부터|에서) {i}까지(?:의)? ?(?:자연수의 |정수의 |수의 |모든 수의 |모든 자연수의 )?(?:합|총합|(?:모두|다|전부)? ?더하?(?:한|면)?)", "series"),
    (r"sum (?:of )?(?:all )?(?:the )?(?:(?:numbers|integers|natural numbers|whole numbers) )?(?:from )?{i} (?:to|through) {i}|add (?:up )?(?:all )?(?:the )?(?:numbers|integers|whole numbers) from {i} to {i}|1\+2\+(?:3\+)?(?:4\+)?\.\.\.?\+{i}", "series"),
    (r"sum of (?:the )?first {i} (?:natural numbers|positive integers|integers|whole numbers)", "series"),
    (r"{i}부터 {i}까지(?:의)? ?(?:자연수의 )?제곱의 ?합", "series: {0}; {1}; k^2"),
    (r"sum of (?:the )?squares (?:from|of) {i} to {i}", "series: {0}; {1}; k^2"),
    # Calculus
    (r"(?:second|2nd) derivative of {e}|{e}(?:을|를|의)? ?(?:이계 ?도함수|두 번 미분|2번 미분|2계 ?도함수)", "derivative: {0}; ; ; 2"),
    (r"(?:third|3rd) derivative of {e}", "derivative: {0}; ; ; 3"),
    (r"(?:derivative of|differentiate|d/dx(?: of)?|diff) {e} (?:at|when|for) x ?= ?{c}|{e}의 x ?= ?{c} ?(?:에서|일 때)(?:의)? ?(?:미분계수|미분값|순간변화율|도함수의? ?값)", "derivative: {0}; ; {1}"),
    (r"x ?= ?{c}(?:에서|일 때) {e}의 (?:미분계수|미분값)", "derivative: {1}; ; {0}"),
    (r"f\(x\) ?= ?{e}(?:일 때|이면|,| then| find| what is)? ?f'\({c}\)", "derivative: {0}; ; {1}"),
    (r"(?:derivative of|differentiate|diff) {e} (?:with respect to|wrt|w\.r\.t\.?|by|in) {v}", "derivative: {0}; {1}"),
    (r"{e}(?:을|를)? {v}(?:에 ?대(?:해서?|하여)|로) ?(?:편)?미분해?", "derivative: {0}; {1}"),
    (r"d/d{v}~(?:of )?{e}", "derivative: {1}; {0}"),
    (r"(?:derivative of|differentiate|diff) {e}|{e}(?:을|를|의)? ?(?:미분해?|도함수|미분한 ?것?)|미분 {e}|{e} derivative", "derivative: {0}"),
    (r"(?:definite )?(?:integral(?: of)?|integrate) {e} (?:dx )?(?:from|between) (?:x ?= ?)?{c} (?:to|and) (?:x ?= ?)?{c}(?: dx)?", "integrate"),
    (r"(?:definite )?(?:integral|integrate) from {c} to {c}(?: of)? {e}~(?:dx)?", "integral: {2}; {0}; {1}"),
    (r"(?:integral|int)~_~{c}~\^~{c} {e} ?dx", "integral: {2}; {0}; {1}"),
    (r"(?:integral|integrate) {e} ?dx from {c} to {c}", "integrate"),
    (r"{e} ?(?:dx)?(?:을|를|의)? ?(?:x가 )?{c}(?:부터|에서) {c}까지(?:의)? ?(?:정?적분해?)", "integrate"),
    (r"{c}(?:부터|에서) {c}까지(?:의)? {e} ?(?:dx)?(?:을|를|의)? ?(?:정?적분해?)", "integral: {2}; {0}; {1}"),
    (r"(?:정?적분) {e} {c}(?:부터|에서) {c}까지", "integrate"),
    (r"구간 ?\[{c}, ?{c}\]에서 {e}(?:을|를|의)? ?(?:정?적분해?)", "integral: {2}; {0}; {1}"),
    (r"{e}(?:을|를)? {v}(?:에 ?대(?:해서?|하여)|로) ?적분해?", "integral: {0}; ; ; {1}"),
    (r"(?:integral of|integrate) {e} (?:with respect to|wrt|w\.r\.t\.?) {v}", "integral: {0}; ; ; {1}"),
    (r"(?:(?:indefinite )?integral(?: of)?|integrate|antiderivative of|int) {e}~(?:dx)?", "integrate"),
    (r"{e} ?(?:dx)?(?:을|를|의)? ?(?:(?:부정)?적분해?)|(?:부정)?적분 {e}", "integrate"),
    (r"(?:limit|lim)(?: of)? {e} (?:as|when) {v} (?:approaches|goes to|tends to|->|to) {c}", "limit({0}, {1}, {2})"),
    (r"(?:limit|lim) (?:as )?\(?{v} ?(?:->|approaches|goes to|to) ?{c}\)?,?(?: of)? {e}", "limit({2}, {0}, {1})"),
    (r"lim~_~\(~{v}~->~{c}~\) {e}", "limit({2}, {0}, {1})"),
    (r"{v}(?:가|이) {c}(?:으로|로) (?:갈|다가갈|접근할|한없이 가까워질|수렴할)(?: 때)? ?(?:의)? {e}의? ?극한값?", "limit({2}, {0}, {1})"),
    (r"{v} ?-> ?{c} ?(?:일 ?때|때|에서)? {e}의? ?극한값?", "limit({2}, {0}, {1})"),
    (r"{e}(?:의|에서)? {v}(?:가|이) {c}(?:으로|로) (?:갈|다가갈|접근할|한없이 가까워질)(?: 때)?(?:의)? ?극한값?", "limit({0}, {1}, {2})"),
    # Algebra
    (r"for {v}(?: if|:| in| when| from|,)? {q}|{v}(?: if|:| in| when| from) {q}|(?:for )?{v} and {v}(?: if|:| in) {q}", "solve"),
    (r"(?:system(?: of equations)?|equations?|roots of|solutions? (?:of|to)):? {q}|{q},? (?:for|find|what is) {v}|{q} for {v} and {v}", "solve"),
    (r"(?:연립 ?방정식|이차 ?방정식|방정식):? {q}|{q}(?:의|을|를|라는|이라는)? ?(?:연립 ?방정식|이차 ?방정식|방정식|해|근|두 근|풀)(?:의)? ?(?:해|근|풀이)?", "solve"),
    (r"{q}(?:일 ?때|이면|면|에서),? ?{v}(?:의)?|{q}(?:일 ?때|이면|면|에서),? ?{v}(?:와|과|,) ?{v}", "solve"),
    (r"expand {e}|{e}(?:을|를)? ?전개해?", "expand"),
    (r"(?:factor(?:ize|ise)?|factorization of) {e}|{e}(?:을|를)? ?인수 ?분해?", "factor"),
    (r"simplify {e}|{e}(?:을|를)? ?(?:간단히|정리)해?", "simplify"),
    # Matrices and vectors
    (r"det(?:erminant)?(?: of)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:행렬식|디터미넌트|determinant|det)", "det"),
    (r"inverse(?: of)?(?: the)?(?: matrix)? {m}|invert(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:역행렬|inverse)", "inv"),
    (r"transpose(?: of)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:전치 ?행렬|전치)", "transpose"),
    (r"rank(?: of)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:랭크|계수|rank)", "rank"),
    (r"trace(?: of)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:대각합|트레이스|trace)", "trace"),
    (r"eigen ?values?(?: of| for)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:고유값|고윳값|eigenvalues?)", "eigenvals"),
    (r"eigen ?vectors?(?: of| for)?(?: the)?(?: matrix)? {m}|(?:행렬 )?{m} ?(?:행렬)?(?:의)? ?(?:고유 ?벡터|eigenvectors?)", "eigenvects"),
    (r"(?:product of |multiply )?(?:the matri(?:x|ces) )?{m} ?(?:times|and|\*|by|곱하기) ?{m}|(?:행렬 )?{m}(?:과|와|하고|,)? ?{m}(?:의|을|를)? ?곱(?:하|한|셈|면)*", "{0}*{1}"),
    (r"dot product(?: of)?(?: the)?(?: vectors?)? {w}(?: and |,? ?){w}|(?:벡터 )?{w}(?:과|와|하고|,)? ?{w}(?:의)? ?내적|{w} dot {w}", "dot"),
    (r"cross product(?: of)?(?: the)?(?: vectors?)? {w}(?: and |,? ?){w}|(?:벡터 )?{w}(?:과|와|하고|,)? ?{w}(?:의)? ?외적|{w} cross {w}", "cross"),
    (r"(?:norm|length|magnitude|l2 norm)(?: of)?(?: the)?(?: vector)? {w}|(?:벡터 )?{w}(?:의)? ?(?:크기|노름|길이|norm)", "norm"),
    # Dice and coins
    (rf"{_DICE_KO}합이 {{i}} ?이상{_WILL}", "dice: {0}; {1}; 36"),
    (rf"{_DICE_KO}합이 {{i}} ?이하{_WILL}", "dice: {0}; 1; {1}"),
    (rf"{_DICE_KO}합이? ?{{i}} ?{_WILL}", "dice: {0}; {1}; {1}"),
    (rf"{_DICE2_KO}합이? ?{{i}} ?{_WILL}", "dice: 2; {0}; {0}"),
    (rf"{_CHANCE} {_ROLL}(?:sum|total) (?:of )?{{i}} (?:with|when rolling|rolling|on|from|using|when you roll) {{i}} (?:fair )?dice", "dice: {1}; {0}; {0}"),
    (rf"{_CHANCE} (?:the )?sum of {{i}} dice (?:is|equals|being|=|will be) {{i}}", "dice: {0}; {1}; {1}"),
    (rf"{_CHANCE} (?:the )?sum of {{i}} dice (?:is|being) (?:at least {{i}}|{{i}} or more)", "dice: {0}; {1}; 36"),
    (rf"(?:roll|rolling) {{i}} dice,? (?:what(?:'s| is) the )?{_CHANCE} (?:the )?(?:sum|total) (?:is|of|being|equals) {{i}}", "dice: {0}; {1}; {1}"),
    (rf"{_CHANCE} (?:of )?(?:getting |rolling )?(?:a )?(?:sum|total) (?:of )?(?:at least {{i}}) (?:with|on|from|rolling) {{i}} dice", "dice: {1}; {0}; 36"),
    (rf"{_CHANCE} (?:of )?(?:rolling |getting )?{{i}} (?:with|on|from|rolling) {{i}} dice", "dice: {1}; {0}; {0}"),
    (rf"{_DIE_KO}[1-6](?:이|가)? ?(?:나올|나오는|일)? ?확률|{_CHANCE} {_ROLL}[1-6] {_DIE_EN}|{_CHANCE} {_DIE_EN} (?:shows|showing|shows up|lands on|landing on|is) (?:a )?[1-6]", "1/6"),
    (rf"{_DIE_KO}(?:짝수|홀수)(?:의 눈)?(?:이|가)? ?(?:나올|나오는|일)? ?확률|{_CHANCE} {_ROLL}(?:even|odd)(?: number)? {_DIE_EN}", "3/6"),
    (rf"{_DIE_KO}{{i}} 이상{_WILL}|{_CHANCE} {_ROLL}(?:at least {{i}}|{{i}} or (?:more|higher|above)) {_DIE_EN}", "dice: 1; {0}; 6"),
    (rf"{_DIE_KO}{{i}} 이하{_WILL}|{_CHANCE} {_ROLL}(?:at most {{i}}|{{i}} or (?:less|lower|below)) {_DIE_EN}", "dice: 1; 1; {0}"),
    (rf"{_COIN_KO}(?:모두|전부|다) {_SIDE} ?(?:나올|나오는|일)? ?확률|{_COIN_KO}{_SIDE} ?(?:모두|전부|다) (?:나올|나오는) 확률", "coins: {0}; {0}; {0}"),
    (rf"{_COIN_KO}(?:적어도|최소|최소한) (?:1번|1개|한 ?번은?|하나(?:는|가)?|1 번|1|한 개는?)(?:은|는|이)? {_SIDE} ?(?:나올|나오는|일)? ?확률|{_COIN_KO}{_SIDE} (?:적어도|최소|최소한) (?:1번|한 ?번|하나|1개|1|한 개)(?:은|는|이)? ?(?:나올|나오는|일)? ?확률", "coins: {0}; 1; {0}"),
    (rf"{_COIN_KO}{_SIDE} (?:정확히 )?{{i}} ?(?:번|개)? 이상{_WILL}", "coins: {0}; {1}; {0}"),
    (rf"{_COIN_KO}{_SIDE} (?:정확히 )?{{i}} ?(?:번|개)? 이하{_WILL}", "coins: {0}; 0; {1}"),
    (rf"{_COIN_KO}{_SIDE} (?:정확히 |딱 )?{{i}} ?(?:번|개)?(?:만)?{_WILL}", "coins: {0}; {1}; {1}"),
    (rf"{_CHANCE} (?:of )?(?:getting )?(?:at least|atleast) (?:1|a) (?:head|tail)s? {_TOSS}", "coins: {0}; 1; {0}"),
    (rf"{_CHANCE} (?:of )?(?:getting )?at least {{i}} (?:head|tail)s? {_TOSS}", "coins: {1}; {0}; {1}"),
    (rf"{_CHANCE} (?:of )?(?:getting )?at most {{i}} (?:head|tail)s? {_TOSS}", "coins: {1}; 0; {0}"),
    (rf"{_CHANCE} (?:of )?(?:getting )?(?:exactly )?{{i}} (?:head|tail)s? {_TOSS}", "coins: {1}; {0}; {0}"),
    (rf"{_CHANCE} (?:of )?(?:getting )?(?:all|only) (?:head|tail)s? {_TOSS}", "coins: {0}; {0}; {0}"),
    # Units
    (r"{n}~{u}(?:은|는|이|가|을|를)? (?:몇 ?|how many ?)?{u}(?:으로|로)?(?: 변환| 바꾸| 환산| 고치)?", "convert: {0}; {1}; {2}"),
    (r"{n}~{u} (?:to|in|into|as) {u}|convert {n}~{u} (?:to|into) {u}|{n}~{u} (?:is |equals )?how many {u}", "convert: {0}; {1}; {2}"),
    (r"(?:how many )?{u} (?:are )?(?:there )?(?:are )?in (?:a |an )?{n}~{u}", "convert: {1}; {2}; {0}"),
    (r"(?:how many )?{u} (?:are )?(?:there )?(?:are )?in (?:a|an) {u}", "convert: 1; {1}; {0}"),
    (r"(?:섭씨 )?{n} ?(?:도|°c|c|도c)(?:는|은|를|을)? 화씨(?:로|온도로)?(?: 몇)? ?(?:도)?|{n} ?°?(?:c|degrees? c|celsius|degrees? celsius)(?: to| in| into) (?:°?f|fahrenheit|degrees? fahrenheit)", "{0}*9/5+32"),
    (r"섭씨 {n} ?도?(?:는|은|를|을)? 화씨(?:로)?(?: 몇)? ?(?:도)?", "{0}*9/5+32"),
    (r"화씨 {n} ?도?(?:는|은|를|을)? 섭씨(?:로)?(?: 몇)? ?(?:도)?|{n} ?°?(?:f|degrees? f|fahrenheit|degrees? fahrenheit)(?: to| in| into) (?:°?c|celsius|degrees? celsius)", "({0}-32)*5/9"),
    (r"(?:섭씨 )?{n} ?(?:도)?(?:는|은)? 절대 ?온도", "{0}+273.15"),
)  # fmt: skip
