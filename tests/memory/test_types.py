from officehours.memory.types import is_untrusted, least_trusted


def test_the_least_trusted_words_decide() -> None:
    assert least_trusted("student", "web", "course") == "web"
    assert least_trusted("model", "student") == "model"
    assert least_trusted("model", "course") == "course"
    assert least_trusted() == "student"


def test_only_the_students_words_and_the_programs_own_are_trusted() -> None:
    assert not is_untrusted("student")
    assert not is_untrusted("model")
    assert is_untrusted("course")
    assert is_untrusted("imported")
    assert is_untrusted("web")
