import pytest
from officehours_gpa import convert_gpa

from officehours import ToolRetry
from officehours.testing import check_tool


def test_an_average_is_converted_in_proportion() -> None:
    assert convert_gpa(3.6, "4.5", "4.0") == "3.60 of 4.5 is 3.20 of 4.0, in proportion"


def test_an_average_that_is_on_no_such_scale_is_asked_about() -> None:
    with pytest.raises(ToolRetry, match="which scale"):
        convert_gpa(4.4, "4.3", "4.0")


def test_it_keeps_to_what_is_asked_of_a_tool() -> None:
    check_tool(convert_gpa)
