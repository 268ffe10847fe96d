"""Grade point averages from one scale to another; the whole of a package that publishes a tool."""

from typing import Literal

from officehours import ToolRetry, tool

Scale = Literal["4.0", "4.3", "4.5"]


@tool
def convert_gpa(gpa: float, have: Scale, want: Scale) -> str:
    """Convert a grade point average to the scale of another university, in proportion.

    Args:
        gpa: The average.
        have: The scale it is on.
        want: The scale it is wanted on.
    """
    if not 0 <= gpa <= float(have):
        raise ToolRetry(
            f"{gpa} is not on a scale from 0 to {have}. Ask which scale it is on.",
            f"{gpa}은(는) {have} 만점 학점이 아닙니다. 어느 만점 기준인지 물어보세요.",
        )
    return f"{gpa:.2f} of {have} is {gpa / float(have) * float(want):.2f} of {want}, in proportion"
