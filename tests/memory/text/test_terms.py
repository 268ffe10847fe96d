from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officehours.memory.search.query import in_first_person
from officehours.memory.text import language, normalize, sentences, summary, terms
from officehours.memory.text.terms import MAX_PARTS, parts, possible_names, speaker_terms


@given(st.text())
def test_normalized_text_can_be_stored_and_stays_as_it_is(text):
    clean = normalize(text)
    clean.encode("utf-8")
    assert normalize(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in clean)


def test_normalizing_keeps_what_was_said():
    assert normalize("한글\r\ncafé\t😀\x00 a\rb \ud800") == "한글\ncafé\t😀 a\nb \ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is a gradient?", "en"),
        ("ReLU가 뭐예요?", "ko"),
        ("sigmoid function이랑 softmax function의 차이가 뭐죠", "ko"),
        ("How do I say 안녕 in an English sentence like this one?", "en"),
        ("機械学習とは何ですか", "ja"),
        ("什么是机器学习", "zh"),
        ("Что такое градиент?", "other"),
        ("1 + 1 = ?", "other"),
    ],
)
def test_the_language_is_read_off_the_letters(text, expected):
    assert language(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "숙제",
        "숙제는 어려워요",
        "숙제를 냈어요",
        "숙제가 많아요",
        "숙제도요",
        "어제 숙제였어요",
        "숙제만 했다",
    ],
)
def test_particles_and_endings_do_not_hide_a_korean_word(text):
    assert "k:숙제" in terms(text)
    assert "b:숙제" in terms(text)


def test_english_words_are_stemmed_and_words_without_a_subject_left_out():
    assert terms("The gradients were vanishing, aren't they?") == {"gradient": 1, "vanish": 1}


def test_an_identifier_is_found_whole_and_by_its_words():
    found = terms("call HybridSearch.find_all() in C++")
    assert {"=hybridsearch.find_all", "hybrid", "search", "find", "=c++"} <= found.keys()


def test_a_key_is_one_term_and_nothing_else():
    key = "b0b1a5f2-1c1d-4e5f-8a8b-9c9d0e0f1a1b"
    assert terms(f"Key: {key}, value").keys() == {"key", f"={key}", "valu"}
    assert terms("3.14 and 1,000") == {"=3.14": 1, "1000": 1}


def test_a_word_of_any_length_makes_terms_a_database_can_index():
    assert max(map(len, terms("a" * 5_000 + " " + "x1" * 5_000))) <= 80


def test_a_speakers_name_is_filed_by_each_of_its_words():
    assert speaker_terms("Kim Yong-dam") == ["@kim", "@yong", "@dam"]
    assert speaker_terms("") == []


def test_possible_names_are_capitalised_words_and_the_beginnings_of_hangul_words():
    assert {"Ann", "What"} == set(possible_names("What did Ann do with it"))
    assert "민지" in possible_names("민지가 언제 왔지?")


@pytest.mark.parametrize(
    ("question", "names", "expected"),
    [
        ("What did Ann paint?", ["Ann"], "What did I paint?"),
        ("What's Ann's dog called?", ["Ann"], "What's my dog called?"),
        ("Did Annette call?", ["Ann"], "Did Annette call?"),
        ("민지가 그린 그림은?", ["민지"], "내가 그린 그림은?"),
        ("민지의 강아지 이름은?", ["민지"], "내 강아지 이름은?"),
    ],
)
def test_a_question_is_asked_as_the_speaker_would_tell_it(question, names, expected):
    assert in_first_person(question, names) == expected


def test_sentences_end_at_marks_and_lines_but_not_at_abbreviations():
    assert sentences('Hi Dr. Kim! I like 3.5 of it.\n1. first\n"Yes." he said') == [
        "Hi Dr. Kim!",
        "I like 3.5 of it.",
        "1. first",
        '"Yes."',
        "he said",
    ]
    assert sentences(" \n ") == []


def test_neighbouring_sentences_are_embedded_together():
    assert parts("I bought it. It was 20 dollars. Then I left.") == [
        "I bought it. It was 20 dollars.",
        "It was 20 dollars. Then I left.",
    ]
    assert parts("One sentence.") == ["One sentence."]


def test_an_answer_is_read_with_the_question_before_it():
    assert parts("Biscuit.", "Lovely dog! What's his name?") == ["What's his name? Biscuit.", "Biscuit."]
    assert parts("Biscuit.", "Lovely dog!") == ["Biscuit."]


@given(st.integers(1, 200), st.booleans())
def test_a_long_text_has_few_parts_and_none_of_it_is_left_out(count, asked):
    text = " ".join(f"This is sentence {n} of it." for n in range(count))
    found = parts(text, "Well?" if asked else "")
    assert len(found) <= MAX_PARTS
    assert all(any(f"sentence {n} of" in part for part in found) for n in range(count))


def test_a_pasted_blob_beside_hangul_does_not_hold_up_the_analyser():
    blob = "aGVsbG8" * 60_000
    found = terms(f"이 토큰은 무슨 뜻이에요? {blob}")
    assert {"k:토큰", "k:뜻"} <= set(found)
    assert sum(len(term) for term in found) < 1_000


def test_a_summary_keeps_the_first_and_the_most_telling_in_their_order() -> None:
    told = [
        "Rivers carve valleys.",
        "My uncle has a boat.",
        "Glaciers widen valleys.",
        "Rivers and glaciers shape valleys.",
    ]

    assert summary(told, 2) == "Rivers carve valleys. Rivers and glaciers shape valleys."
