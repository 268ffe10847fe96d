from __future__ import annotations

import ast

import pytest

from officehours.tools.calculator import calculate, symbolic
from officehours.tools.word_problems import expression_in

# What a student types, and the value. Short results are written as the calculator writes them.
RIGHT = """
2+3 | 5
3+4=? | 7
12 * 13 | 156
what's 3 times 4 | 12
whats 7 x 8 | 56
can you work out 12*13 pls | 156
what is 144 divided by 12? | 12
hey, 15 minus 40? | -25
three plus four | 7
twenty five times two hundred | 5000
how much is one hundred and five minus six | 99
multiply 6 by 9 | 54
divide 100 by 8 | 25/2
subtract 8 from 20 | 12
sum of 3, 4 and 5 | 12
product of 2 3 7 | 42
what do you get if you multiply 6 by 7 | 42
3 더하기 4는? | 7
오 곱하기 육은 얼마야 | 30
삼만 이천 더하기 오백은? | 32500
12에 5를 더하면 | 17
100에서 37을 빼면 얼마예요? | 63
7하고 8을 곱하면? | 56
100을 8로 나누면? | 25/2
3에 4를 더하고 5를 곱하면? | 35
3 + 4 * 2 계산해 주세요 | 11
(3+4)*2^3 얼마야? | 56
교수님, 1234 곱하기 10은 얼마인가요? | 12340
1,250원 더하기 3,400원은? | 4650
17을 5로 나눈 나머지 | 2
17을 5로 나눈 몫은? | 3
remainder when 100 is divided by 7 | 2
what is 17 mod 5 | 2
whats 15% of 240 | 36
15 percent of 80 | 12
20% off 5000 | 4000
$80 with 25% off | 60
increase 200 by 15% | 230
200 + 10% | 220
what percent is 12 of 60 | 20
what percent of 80 is 20? | 25
12 is what percent of 60 | 20
15 is 20% of what number? | 75
오천원에서 20% 할인하면 얼마야? | 4000
3만원짜리 10퍼센트 할인된 가격은? | 27000
80의 15%는 얼마야? | 12
200에서 10% 인상하면 | 220
12는 60의 몇 퍼센트야? | 20
50에서 60으로 몇 퍼센트 증가했어? | 20
half of 50 | 25
what is two thirds of 90? | 60
90의 3분의 2는? | 60
80의 절반은 얼마야 | 40
2의 10승 | 1024
2^10은? | 1024
what is 2 to the power of 8 | 256
5 squared plus 3 squared | 34
3의 세제곱은 얼마지 | 27
루트 144 | 12
제곱근 49는? | 7
144의 제곱근은? | x = -12, x = 12
the square root of 81 | 9
sqrt(2)*sqrt(8) | 4
cube root of 27 | 3
27의 세제곱근 | 3
log base 2 of 8 | 3
log2(32) | 5
log_3(81) | 4
log 100 | 2
로그 2의 8은? | 3
밑이 3인 로그 9 | 2
상용로그 1000 | 3
ln(e^2) | 2
what is 7 factorial | 5040
5! 얼마야 | 120
6 팩토리얼 계산해줘 | 720
sin 30도 | 1/2
cos(60°) | 1/2
tan(pi/4) | 1
5 choose 2 | 10
5C2 | 10
10P3 은? | 720
C(6,3) | 20
how many ways to choose 3 students from 10 | 120
how many ways can you arrange 5 books | 120
5명 중 2명을 뽑는 경우의 수는? | 10
서로 다른 공 6개에서 3개를 꺼내는 경우의 수 | 20
5명을 일렬로 세우는 경우의 수는? | 120
5명 중 3명을 뽑아 일렬로 세우는 경우의 수 | 60
gcd of 12 and 18 | 6
gcd(48, 36, 60) | 12
greatest common factor of 24 and 36? | 12
12와 18의 최대공약수 | 6
12와18의최대공약수 | 6
12, 18, 30의 최대공약수 구해줘 | 6
lcm of 4, 6 and 10 | 60
4랑 6의 최소공배수는? | 12
is 91 prime? | False
97은 소수야? | True
prime factorization of 84 | 2**2*3**1*7**1
360을 소인수분해 해줘 | 2**3*3**2*5**1
12의 약수 | 1, 2, 3, 4, 6, 12
mean of 3 5 7 9 | 6
average of 80, 90 and 100 | 90
1, 2, 3, 4의 평균은? | 5/2
80점, 90점, 100점의 평균 | 90
median of 5, 1, 9 | 5
3, 1, 2, 10의 중앙값 구해줘 | 5/2
mode of 1 2 2 3 | 2
1, 2, 2, 5의 최빈값은? | 2
population variance of 2 4 4 4 5 5 7 9 | 4
sample variance of 2, 4, 6 | 4
2, 4, 6의 표본분산 | 4
2 4 4 4 5 5 7 9의 모표준편차 | 2
sample standard deviation of 2, 4, 6 | 2
1부터 100까지 더하면? | 5050
1부터 10까지의 합은? | 55
sum of 1 to 100 | 5050
sum of the first 10 natural numbers | 55
1부터 5까지 제곱의 합 | 55
derivative of x^3 | 3*x**2
differentiate x^2 + 3x | 2*x + 3
derivative of x^2 sin x | x*(x*cos(x) + 2*sin(x))
what is the derivative of ln x | 1/x
d/dx e^(2x) | 2*exp(2*x)
second derivative of x^3 | 6*x
derivative of x^2 at x=3 | 6
x^2을 미분하면? | 2*x
x^3+2x 미분해줘 | 3*x**2 + 2
t^2을 t에 대해 미분 | 2*t
x^3의 x=2에서의 미분계수 | 12
f(x)=x^3일 때 f'(2)는? | 12
integrate 2x from 0 to 3 | 9
integral from 0 to 1 of x^2 dx | 1/3
∫_0^1 x^2 dx | 1/3
$\\int_{0}^{2} x dx$ | 2
integral of cos x | sin(x)
x^2을 0부터 3까지 적분하면? | 9
0부터 파이까지 sin x를 적분해줘 | 2
3x^2 적분해 주세요 | x**3
limit of sin(x)/x as x approaches 0 | 1
lim x->0 sin(x)/x | 1
x가 0으로 갈 때 sin x/x의 극한 | 1
lim x→∞ 1/x | 0
solve for x: 2x+3=7 | x = 2
2x+3=7 | x = 2
x^2 - 5x + 6 = 0 해를 구해줘 | x = 2, x = 3
x²=9 | x = -3, x = 3
이차방정식 x^2-4=0 풀어줘 | x = -2, x = 2
x+y=5, x-y=1 연립방정식 풀어줘 | x = 3, y = 2
solve x+y=5 and x-y=1 | x = 3, y = 2
x+y+z=6, x-y=0, z=2 | x = 2, y = 2, z = 2
expand (x+1)^2 | x**2 + 2*x + 1
factor x^2-1 | (x - 1)*(x + 1)
(x+2)(x-2) 전개해줘 | x**2 - 4
x^2-9 인수분해 해줘 | (x - 3)*(x + 3)
determinant of [[1,2],[3,4]] | -2
(1 2; 3 4)의 행렬식 | -2
\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix} 의 행렬식은? | -2
[[1,2],[3,4]]의 역행렬 구해줘 | [[-2, 1], [3/2, -1/2]]
[[1,2],[3,4]] * [[5,6],[7,8]] | [[19, 22], [43, 50]]
multiply [[1,2],[3,4]] and [[5,6],[7,8]] | [[19, 22], [43, 50]]
transpose of [1,2;3,4] | [[1, 3], [2, 4]]
rank of [[1,2],[2,4]] | 1
eigenvalues of [[2,0],[0,2]] | 2, 2
[[2,0],[0,2]]의 고유벡터 | 2: [1, 0] and [0, 1]
[[1,2],[3,4]]의 대각합 | 5
dot product of (1,2,3) and (4,5,6) | 32
(1,2)와 (3,4)의 내적 | 11
norm of (3,4) | 5
벡터 (3,4)의 크기는? | 5
주사위 두 개를 던져서 눈의 합이 7일 확률 | 1/6
주사위 2개를 던졌을 때 합이 10 이상일 확률은? | 1/6
주사위를 던져서 짝수가 나올 확률 | 1/2
주사위 세 개를 던질 때 눈의 합이 10일 확률 | 1/8
probability of rolling a sum of 7 with two dice | 1/6
what's the probability of rolling a 6 on a die | 1/6
probability that the sum of 2 dice is at least 11 | 1/12
동전을 3번 던져서 앞면이 2번 나올 확률 | 3/8
동전 세 개를 던질 때 적어도 하나가 앞면일 확률 | 7/8
동전을 5번 던질 때 모두 앞면이 나올 확률 | 1/32
probability of exactly 2 heads in 3 coin flips | 3/8
chance of at least one head in 4 flips | 15/16
3시간은 몇 분이야? | 180
how many minutes in 3 hours | 180
how many seconds are there in a day? | 86400
5 km in meters | 5000
10 miles to km | 16.09344
2kg은 몇 그램 | 2000
3 bytes in bits | 24
섭씨 25도는 화씨로 몇 도야 | 77
100 fahrenheit to celsius | 340/9
서른 명의 20퍼센트는 몇 명? | 6
24하고 36 최대공약수 알려줘요 | 12
8!을 6!로 나누면 | 56
2x-6=0 에서 x는? | x = 3
x제곱 미분 | 2*x
sinx 적분 | -cos(x)
1/x 를 1부터 e까지 적분해줘 | 1
20의15퍼센트 | 3
7곱하기8은뭐야 | 56
[[3,1],[1,3]] 고윳값 좀 | 4, 2
[[1,2],[3,4]]와[[0,1],[1,0]]곱 | [[2, 1], [4, 3]]
주사위 2개 던져서 합이 5 나올 확률 좀 알려주세요 | 1/9
동전 4번 던졌을때 앞면 2번 나올 확률? | 3/8
15와 20의 최소공배수 구하시오 | 60
10, 20, 30 평균내줘 | 20
1부터 50까지 합 | 1275
루트 2 곱하기 루트 8 | 4
x^2+2x+1 인수분해하면? | (x + 1)**2
x+2y=8, 3x-y=3 풀어줘 | x = 2, y = 3
8c3 계산 | 56
180분은 몇시간? | 3
화씨 212도는 섭씨 몇 도 | 100
3.5 더하기 2.7 | 6.2
120을 소인수분해하면 뭐야 | 2**3*3**1*5**1
101 소수야? | True
5의 3승 빼기 25는 | 100
10000원의 7% 얼마야 | 700
x가 무한대로 갈 때 (2x+1)/(x-3)의 극한값 | 2
wat is 45% of 900 | 405
how much is 3/4 of 64 | 48
63 divided by 9 pls | 7
pls calculate 19*21 | 399
gcf of 18 & 27 | 9
lcm 12 15 | 60
find the derivative of 3x^4 - 2x | 12*x**3 - 2
integrate sin(x) from 0 to pi | 2
whats the integral of 1/x | log(x)
d/dx of x^3 + 5 | 3*x**2
solve x^2 + x - 12 = 0 | x = -4, x = 3
solve the system x + y = 10, 2x - y = 2 | x = 4, y = 6
can u solve 5x - 3 = 2x + 9 | x = 4
inverse of [[2,1],[1,1]] | [[1, -1], [-1, 2]]
det [[2,0],[0,5]] | 10
what are the eigenvalues of [[4,1],[2,3]] | 5, 2
find the average of 4, 8, 15, 16, 23, 42 | 18
median of 7 3 9 1 | 5
7 choose 3 | 35
number of permutations of 6 things taken 2 at a time | 30
probability of getting 3 heads in 5 flips | 5/16
chance of rolling a 5 with a die | 1/6
convert 3 miles to km | 4.828032
how many grams in 2.5 kg | 2500
98.6 f to c | 37
3 to the 4th power | 81
is 221 a prime number | False
limit of (1+1/n)^n as n goes to infinity | E
twelve squared | 144
27이랑 63 최대공약수 뭐임 | 9
2 곱하기 9 더하기 1 은 얼마일까요 | 19
4000원에서 15퍼 할인 | 3400
3천원 곱하기 12 | 36000
45 나누기 6 나머지 | 3
300의 2.5% 얼마인지 알려줘 | 7.5
25는 200의 몇프로야? | 25/2
루트81은? | 9
2의제곱 더하기 3의제곱 | 13
x^4를 미분해보세요 | 4*x**3
2x+1을 1부터 2까지 정적분하면 얼마 | 4
cos x를 0에서 pi/2까지 적분 | 1
3x+y=7, x-y=1 풀이 | x = 2, y = 1
x^2-7x+12=0의 근을 구하시오 | x = 3, x = 4
방정식 3x-9=0 풀어주세요 | x = 3
[[2,0],[1,3]] 행렬식 구해줘 | 6
[[1,0],[0,2]]의 역행렬은 뭐야 | [[1, 0], [0, 1/2]]
5, 7, 9의 중앙값? | 7
12,15,18 평균 구해줘 | 15
7명 중에서 3명을 고르는 방법의 수 | 35
동전을 6번 던질 때 앞면이 3번 이상 나올 확률 | 21/32
주사위를 한 번 던져 5 이상 나올 확률 | 1/3
주사위 두개 합이 8일 확률 | 5/36
1부터 20까지 자연수의 합 | 210
45분은 몇 초야 | 2700
1.5km는 몇 미터? | 1500
x->0 일때 (1-cos x)/x^2 극한 | 1/2
20 팩토리얼 나누기 18 팩토리얼 | 380
5 plus 7 times 2 | 19
whats the sqrt of 169 | 13
9 to the power of 3 pls | 729
how much is 18% of 350 | 63
what is 350 increased by 20% | 420
18 is what percentage of 90? | 20
remainder of 47 divided by 6 | 5
gcd 84 126 | 42
least common multiple of 8 and 12 | 24
prime factors of 150 | 2**1*3**1*5**2
is 57 prime? | False
what is 10 factorial divided by 8 factorial | 90
6c3 = | 20
how many ways to pick 2 books out of 9 | 36
average of 12 and 20 | 16
find mode of 3,3,4,5 | 3
diff x^5 | 5*x**4
whats the derivative of cos(x) | -sin(x)
derivative of x*e^x | (x + 1)*exp(x)
integrate 4x^3 dx | x**4
evaluate the integral of x from 1 to 3 | 4
antiderivative of 2x | x**2
solve 4x = 20 | x = 5
x^2 = 49 | x = -7, x = 7
solve 2x+y=5, x+3y=5 | x = 2, y = 1
a+b=10 and a-b=2 | a = 6, b = 4
what's the inverse of [[1,1],[0,1]] | [[1, -1], [0, 1]]
transpose [[1,2,3],[4,5,6]] | [[1, 4], [2, 5], [3, 6]]
dot product [1,0,2] and [3,4,5] | 13
probability of rolling a total of 4 with 2 dice | 1/12
probability of 5 heads in 10 coin tosses | 63/256
2 hours in minutes | 120
how many cm in a meter | 100
50 c in f | 122
-3의 제곱은? | 9
x^2=2x | x = 0, x = 2
log2(1/8) | -3
-8의 세제곱근 | -2
이십이 더하기 삼 | 25
1,000 + 2 | 1002
add 5 to 7 | 12
150 lbs in kg | 68.0388555
사인 30도 | 1/2
삼분의 이 더하기 일 | 5/3
2026 - 1998 | 28
a third of 99 | 33
x (x+1) = 6 | x = -3, x = 2
"""

# What is no calculation, or one that can be read in two ways.
NONE = """
2026-11-03
12/3에 시험
12/3
010-1234-5678
02-123-4567
3번 노트 요약해줘
RNN이랑 LSTM 차이
시험까지 3일 남았어
how do i find eigenvalues
what is the determinant
5 reasons why i should use relu
chapter 3
what is 2nd law
I got 84 on the first quiz
알바는 7시부터 10시까지야
print(2+3)
for i in range(10): print(i)
x = 5
python 3.12.1
what is e
y = mx + b
E = mc^2
H2O
A/B test
t-test
k-means
고유값이 뭐야
미분이 뭐야?
how does integration work
행렬식 구하는 법
24/7
3-5
42
50%
I studied 3 hours and 20 minutes
시험 범위는 1장부터 5장까지야
점수가 80점이야
my exam is on 3/14
몇 시야?
3개만 알려줘
2번 문제 답이 뭐야
퀴즈 5개 내줘
give me 3 examples
what is 1st normal form
log 8
sin 30
variance of 1 2 3
1, 2, 3의 분산
1/2x
6/2(1+2)
e^2x
10% + 20%
square root of 16 plus 9
sin x = 0
100 GB to MB
what is a 3x3 matrix
x^2
f(x)=x^2
lr=0.01
GPT-4
나 2학년이야
how many days in a year
probability of 2 heads in 3 flips of a biased coin
gcd of 120,180 and 60
두 벡터의 내적이란
12,345
만오천원짜리 책 30% 세일하면 얼마임
반지름 3인 원의 넓이
standard deviation of 1 2 3
probability of two sixes when rolling two dice
30% discount on 120 dollars
a shirt costs $40 and is 25% off, how much do i pay
cube root of 64 plus 1
y=x^2 미분
내일 3시에 만나
what are the odds of two heads in two flips
i have 3 exams and 2 quizzes
my score went from 70 to 85
see you in 2 weeks
log 10 100
-2 squared
sin x/2 미분
100에서 1까지 더하면
9의 제곱근 더하기 1
12-25는?
(1,2)+(3,4)
n!=24
solve for y: 2x=4
x=3이야
12를 더하면
5+2+...+10
odds of all heads in 5 flips
y = 3x + 2 에서 x = 2
mean of 1,000 and 2,000
"""


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Symbolic mathematics without a process for each phrase, which would take two minutes."""

    def answer(plain: str, _seconds: float) -> tuple[str, str]:
        result = symbolic.answer(ast.parse(plain, mode="eval"))
        return result["exact"], result["decimal"]

    monkeypatch.setattr(calculate, "_symbolically", answer)


@pytest.mark.parametrize(("said", "value"), [line.rsplit(" | ", 1) for line in RIGHT.strip().splitlines()])
def test_a_word_problem_has_its_value(said: str, value: str) -> None:
    expression = expression_in(said)
    assert expression is not None
    exact = calculate.compute(expression).extras["exact"]
    assert sorted(exact.split(", ")) == sorted(value.split(", "))


@pytest.mark.parametrize("said", NONE.strip().splitlines())
def test_what_is_no_calculation_or_has_two_readings_is_refused(said: str) -> None:
    assert expression_in(said) is None
