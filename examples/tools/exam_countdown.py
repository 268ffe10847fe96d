"""A tool of your own, explained line by line.

Copy this file into the `tools` folder of your Office Hours home (`officehours config show` names it) and say yes to
it: `officehours tools enable exam_countdown`, or when the next chat asks. Then ask: "시험까지 며칠 남았어요?" or "How long until December 1st?"
"""

from datetime import date

from officehours import ToolContext, ToolRetry, tool


@tool  # the name, the hints and the docstring below are all the model is told
def days_until(day: date, context: ToolContext) -> str:
    """Count the days from today to a date.

    Args:
        day: The date.
        context: Who asks, and what time it is there. Filled in by the program; the model does not see it.
    """
    today = context.local_time.date()
    left = (day - today).days
    if left < 0:
        # ToolRetry: the model can mend its arguments. ToolError would mean: it cannot be done, adapt.
        raise ToolRetry(
            f"{day} is {-left} days ago; give a date in the future.",
            f"{day}은 {-left}일 전입니다. 앞으로 올 날짜를 주세요.",
        )
    # A string, anything JSON can hold, or a ToolResult with more to say: see docs/tools.md.
    return f"{left} days until {day} ({day:%A})"
