import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from officehours.memory.text.secrets import NAMES, Found, mask, named

# Made-up secrets, put together here so that no scanner takes this file for a leak.
MIXED = "a1B2c3D4e5F6g7H8j9K0"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\n" + ("MIIEow" + MIXED * 3 + "\n") * 4 + "-----END RSA PRIVATE KEY-----"
)
BY_FORM = [
    ("api-key", "sk-" + MIXED + MIXED),
    ("api-key", "sk-proj-" + MIXED + "_" + MIXED),
    ("api-key", "sk-ant-api03-" + MIXED + "-" + MIXED),
    ("api-key", "sk_live_" + MIXED),
    ("api-key", "ghp_" + MIXED + "abcdefghij123456"),
    ("api-key", "github_pat_" + MIXED + "_" + MIXED),
    ("api-key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("api-key", "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"),
    ("api-key", "hf_" + "abcdefGHIJKLmnopqrSTUVWXyz01234567"),
    ("api-key", "xoxb-" + "123456789012-" + MIXED),
    ("token", JWT),
    ("private-key", PEM),
    ("resident-number", "900101-1234567"),
    ("resident-number", "040229-3123456"),
    ("resident-number", "950315-5123456"),
    ("card-number", "4111 1111 1111 1111"),
    ("card-number", "4111-1111-1111-1111"),
    ("card-number", "5555555555554444"),
    ("card-number", "3782 822463 10005"),
]
IN_WORDS = [
    ("password", "my password is {}", "hunter2"),
    ("password", 'My wifi password is "{}".', "correct-horse9"),
    ("password", "the password is {}, remember it", "Tr0ub4dor&3"),
    ("password", "our password was {} and it worked", "banana"),
    ("password", "password: {}", "swordfish"),
    ("password", "pw: {}", "abc123!"),
    ("password", "my password is {}", "$ecret99"),
    ("password", "pw:{}", "1234"),
    ("password", "login: kim / pw: {}", "kim1234"),
    ("password", "my pin is {}", "4821"),
    ("password", "I changed my password to {} yesterday", "hunter2"),
    ("password", "DB_PASSWORD={}", "s3cr3tpw"),
    ("password", '{{"password": "{}"}}', "hunter2"),
    ("password", "PW는 {}예요", "qwer1234"),
    ("password", "비밀번호는 {}예요", "hunter2"),
    ("password", "비밀번호는 {}야", "swordfish"),
    ("password", "비밀번호는 '{}'예요", "열려라참깨"),
    ("password", "비밀번호는 {}이에요", "바나나123"),
    ("password", "비밀번호: {}", "바나나123"),
    ("password", "비밀번호 : {}", "abcd!@"),
    ("password", "내 비번 {}이야", "1234"),
    ("password", "비번은 {} 입니다", "abcd1234"),
    ("password", "암호: {}", "qwer1234"),
    ("password", "비밀번호를 {}로 바꿨어요", "hunter2"),
    ("password", "내 핀번호는 {}이야", "4821"),
    ("password", "postgresql://user:{}@localhost:5432/db", "s3cret"),
    ("password", "https://kim:{}@example.com/x", "p@ss"),
    ("token", "Authorization: Bearer {}", "abcdef0123456789abcdef"),
    ("token", "Authorization: Basic {}", "dXNlcjpwYXNzd29yZA=="),
    ("api-key", "my api key is {}", "abcd1234efgh5678ijkl"),
    ("api-key", "API 키는 {} 이에요", "abcd1234efgh5678ijkl"),
    ("api-key", "aws_secret_access_key = {}", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("resident-number", "주민등록번호 {}", "9001011234567"),
    ("card-number", "카드번호 {}이에요", "4111111111111111"),
]
INNOCENT = [
    "What is the sha256 of the empty string? e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    'md5("hello") is 5d41402abc4b2a76b9719d911017c592',
    "password hashing이 뭐예요?",
    "비밀번호를 까먹었어요",
    "비밀번호는 왜 해시해서 저장해요?",
    "비밀번호는 8자 이상이어야 해요",
    "비밀번호는 sha256으로 해시해요",
    "비밀번호는 bcrypt를 쓰는 게 좋아요",
    "비밀번호는 12자리 숫자예요",
    "비밀번호가 틀렸대요",
    "비밀번호는 소금(salt)을 쳐서 저장해요",
    "암호: 대칭키와 비대칭키의 차이",
    "암호는 AES-256이에요",
    "암호는 RSA예요?",
    "암호학에서 대칭키가 뭐예요?",
    "카이사르 암호는 3칸씩 밀어요",
    "토큰(token) 한도가 128000이에요",
    "토큰은 subword 단위예요",
    "max_tokens=4096 으로 설정했어요",
    "The tokenizer has token id 50256",
    "my password is wrong, what do I do?",
    "my password is too short",
    "the password is hashed with bcrypt",
    "The password is stored in plain text",
    "password: str = Field(min_length=8)",
    "password: required",
    "def login(user, password=None):",
    'if password == "":',
    "password = getpass.getpass()",
    'password = os.environ["DB_PASSWORD"]',
    "hashed = hash(password)",
    "passwords should have 12 characters",
    "my password is 12 characters long",
    "pw = w * x + b",
    "pw = 0.25",
    "P(pw) = 0.3",
    "the reset pin is 3.3V",
    "pin 13 on the board",
    "550e8400-e29b-41d4-a716-446655440000 is a UUID",
    "arXiv 2106.09685 introduces LoRA",
    "see arXiv:1706.03762v7",
    "my phone is 010-1234-5678",
    "전화번호는 02-123-4567이에요",
    "국민은행 110-123-456789로 보내 주세요",
    "계좌번호 1002-345-678901",
    "계좌는 3333-01-1234567이에요",
    "2^52 = 4503599627370496",
    "10^15 = 1000000000000000",
    "18! = 6402373705728000",
    "9007199254740992 is 2^53",
    "pi = 3.1415926535897932",
    "The seed was 1234567890123456",
    "0.4111111111111111",
    'base64 of "hello" is aGVsbG8=',
    "base64 encodes SGVsbG8gd29ybGQhIFRoaXMgaXMgYSB0ZXN0 into text",
    "a JWT has three parts: header.payload.signature",
    "eyJhbGciOiJIUzI1NiJ9 is the header",
    "-----BEGIN PRIVATE KEY----- ... -----END PRIVATE KEY----- is the format",
    "Bearer 토큰이 뭐예요?",
    "Authorization: Bearer <token>",
    "an Authorization header looks like Bearer YOUR_TOKEN_GOES_HERE_PLEASE",
    "API keys begin with sk- or hf_",
    "API key를 어떻게 숨겨요?",
    'api_key = os.environ["OPENAI_API_KEY"]',
    "OPENAI_API_KEY=your-api-key-goes-here",
    "sk-learn-contrib-imbalanced-learn",
    "risk-adjusted-returns-over-a-long-period-2024",
    "from sklearn import hf_hub_download_with_resume_and_retries",
    "http://localhost:8000/docs",
    "https://example.com:443/path@2x.png",
    "postgresql://user:<password>@localhost/db",
    "git@github.com:owner/repo.git",
    "password: ${DB_PASSWORD}",
    "password=$DB_PASSWORD",
    "비밀번호: ********",
    "900101-9 is not complete",
    "991332-1234567은 날짜가 아니에요",
    "123456-1234567",
    "2026-11-18T15:00:00",
    "행렬 [[1, 2], [3, 4]]의 고유값",
    "loss went from 0.6931 to 0.0123 after 10000 steps",
    "hex: 0xDEADBEEFCAFEBABE1234567890ABCDEF",
    "commit 2db9318c1f7f0c5b3c2d1e0f9a8b7c6d5e4f3a2b",
    "1234 5678 9012 3456",
    "4111 1111 1111 1112",
    "ISBN 978-3-16-148410-0",
    "Q: 비밀번호는 어떻게 저장하나요?",
    "패스워드와 해시의 차이는?",
    "비번 잊어버리면 어떡해요",
    "비밀번호가 password123이면 위험한가요?",
    "비밀번호는 최소 10자여야 해요",
    "비밀번호는 10000번 해시하면 안전해요?",
    "we use a one-time password, i.e. TOTP",
    "what is the best password manager?",
    "The passphrase is a sequence of words",
    "그 암호가 1940년에 풀렸어요",
    "softmax([1, 2, 3]) = [0.09, 0.24, 0.67]",
    "비밀번호 필드는 varchar(255)예요",
    "비밀번호 해시는 60자예요",
    "비밀번호는 '개인 정보'에 속해요",
    "내 이메일은 kim@example.com이에요",
]


@pytest.mark.parametrize(("kind", "secret"), BY_FORM)
@pytest.mark.parametrize("frame", ["{}", "제 키는 {}이에요", "here: {}, keep it", "({})", "{}\n끝"])
def test_a_secret_with_a_form_is_masked_wherever_it_stands(kind, secret, frame):
    masked = mask(frame.format(secret))
    assert masked.text == frame.format(f"[***:{kind}]")
    assert masked.found == (Found(kind),)


@pytest.mark.parametrize(("kind", "frame", "secret"), IN_WORDS)
def test_a_secret_said_in_words_is_masked_and_the_words_stay(kind, frame, secret):
    masked = mask(frame.format(secret))
    assert masked.text == frame.format(f"[***:{kind}]")
    assert [found.kind for found in masked.found] == [kind]


@pytest.mark.parametrize("text", INNOCENT)
def test_talk_about_secrets_and_other_numbers_stays(text):
    assert mask(text).text == text
    assert mask(text).found == ()


def test_there_are_enough_tricky_texts():
    assert len(set(INNOCENT)) >= 60


def test_several_secrets_are_found_in_order():
    masked = mask(f"비밀번호는 hunter2예요. 주민번호는 900101-1234567, 키는 hf_{MIXED}{MIXED}")
    assert [found.kind for found in masked.found] == ["password", "resident-number", "api-key"]
    assert (
        masked.text == "비밀번호는 [***:password]예요. 주민번호는 [***:resident-number], 키는 [***:api-key]"
    )


def test_a_key_inside_an_assignment_leaves_nothing_behind():
    masked = mask(f"pw:a1;AKIA{'IOSFODNN7EXAMPLE'}")
    assert "AKIA" not in masked.text
    assert "a1;" not in masked.text


def test_a_resident_number_needs_a_day_that_exists():
    assert mask("990229-1234567").found == ()  # 1999 was no leap year
    assert mask("000229-3234567").found != ()
    assert mask("991332-1234567").found == ()


def test_a_long_integer_is_a_card_only_when_called_one():
    assert mask("x = 4111111111111111").found == ()
    assert mask("my card = 4111111111111111").found != ()


def test_a_private_key_that_was_cut_off_is_masked_too():
    cut = PEM[: PEM.index("-----END")].rstrip()
    assert mask(f"앞 {cut}").text == "앞 [***:private-key]"


def test_every_kind_has_a_name_in_both_languages():
    assert {kind for kind, _ in BY_FORM} | {kind for kind, _, _ in IN_WORDS} == set(NAMES)
    for kind in NAMES:
        assert re.search("[a-z]", named([kind], "en"))
        assert re.search("[가-힣]", named([kind], "ko"))


PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from([secret for _, secret in BY_FORM]),
    st.sampled_from([frame.format(secret) for _, frame, secret in IN_WORDS]),
    st.sampled_from(
        [
            "password",
            "비밀번호",
            "암호",
            "pw",
            "는 ",
            ": ",
            "=",
            " is ",
            "[***:password]",
            "예요",
            "1234",
            "a1;",
            "://",
            "@",
            "카드",
        ]
    ),
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example("password: [***:password]1")
@example("비밀번호는 [***:api-key]예요")
def test_masking_twice_is_masking_once(text):
    once = mask(text)
    again = mask(once.text)
    assert again.text == once.text
    assert again.found == ()


SAFE = st.text(alphabet=st.sampled_from("가나다라마바사 abcdefgh\n.,?!"), max_size=60)


@given(SAFE)
def test_text_without_the_shape_of_a_secret_never_changes(text):
    assert mask(text).text == text


@given(SAFE, st.sampled_from(BY_FORM), SAFE)
def test_what_surrounds_a_secret_stays_byte_for_byte(before, planted, after):
    kind, secret = planted
    masked = mask(f"{before} {secret} {after}")
    assert masked.text == f"{before} [***:{kind}] {after}"
