from __future__ import annotations

from officehours.memory.text.translations import translated, translations

IN_OTHER_WORDS = {
    "고유값이 뭐야": ["eigenvalue"],
    "고윳값 구하는 법 좀": ["eigenvalue"],
    "선형 독립인지 어떻게 알아요?": ["linear independence"],
    "공분산행렬은 왜 대칭이에요?": ["covariance matrix"],
    "행렬식하고 역행렬 관계": ["determinant", "inverse matrix"],
    "what is overfitting": ["과적합"],
    "How do eigenvalues relate to PCA?": ["고유값", "주성분 분석"],
    "cross validation vs a test set": ["교차 검증", "시험 데이터"],
    "what's Bayes' rule": ["베이즈 정리"],
}

NO_TERMS = (
    "오늘 좀 힘들어요",
    "아기 기저귀 가는 법",
    "what do you mean by that?",
    "set an alarm for my next session in five minutes",
    "what's a jordan normal form",
)


def test_terms_of_a_question_have_names_in_the_other_language() -> None:
    found = {text: [term.names[0] for term in translations(text)] for text in IN_OTHER_WORDS}
    assert found == IN_OTHER_WORDS


def test_ordinary_words_are_no_terms() -> None:
    assert {text: translations(text) for text in NO_TERMS} == {text: [] for text in NO_TERMS}


def test_a_phrase_is_translated_as_the_text_at_hand_has_it_or_not_at_all() -> None:
    notes = ["A set of vectors is linearly independent if ...", "Eigenvalues are the roots of ..."]
    assert translated(("선형", "독립"), notes) == ("linearly", "independent")
    assert translated(("고유값",), notes) == ("eigenvalue",)
    assert translated(("행렬식",), notes) is None
    assert translated(("고유값", "축약"), notes) is None  # a part of what is asked is not what is asked
    assert translated(("CNN",), ["합성곱 없이 어텐션만 쓰는 신경망"]) is None  # its words, but not as one
