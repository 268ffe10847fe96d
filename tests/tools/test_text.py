import gc

from officehours.tools.text import MOST_MEASURED, estimate_tokens


class Text(str):
    """A text whose end can be seen."""

    __slots__ = ("__weakref__",)


def test_the_estimate_of_a_text_does_not_hold_the_text() -> None:
    import weakref

    text = Text("고유값이 헷갈려요 " * 50)
    seen = weakref.ref(text)
    assert estimate_tokens(text) == estimate_tokens(str(text)) > 200
    del text
    gc.collect()
    assert seen() is None


def test_many_texts_are_measured_each_for_itself() -> None:
    for number in range(MOST_MEASURED + 10):
        assert estimate_tokens("x" * 4 + str(number)) == 0.25 * (4 + len(str(number)))
