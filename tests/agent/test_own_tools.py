from __future__ import annotations

from contextlib import ExitStack

from own_tools import say_yes
from tutors import scripted, tutor

TOOL = '''
from pathlib import Path

from officehours import tool

with (Path(__file__).parent / "runs.txt").open("a", encoding="utf-8") as file:
    file.write("x")


@tool
def shout(text: str) -> str:
    """Say it loudly.

    Args:
        text: What.
    """
    return text.upper()
'''


def test_all_tutors_of_a_process_run_a_tool_file_once(own_home):
    folder = own_home / "tools"
    folder.mkdir(parents=True)
    (folder / "voice.py").write_text(TOOL, encoding="utf-8")
    say_yes(folder)
    with ExitStack() as open_at_once:
        professors = [
            open_at_once.enter_context(tutor(own_home, scripted([]), student=f"s{number}"))
            for number in range(5)
        ]
        assert all(professor.state.registry.get("shout") for professor in professors)
    assert (folder / "runs.txt").read_text(encoding="utf-8") == "x"


def test_a_program_is_warned_of_a_file_that_nobody_said_yes_to_and_goes_on_without_it(own_home):
    folder = own_home / "tools"
    folder.mkdir(parents=True)
    (folder / "voice.py").write_text(TOOL, encoding="utf-8")
    with tutor(own_home, scripted([])) as professor:
        assert professor.state.registry.get("shout") is None
        assert ["officehours tools enable voice" in w.en for w in professor.state.runtime.warnings] == [True]
    assert not (folder / "runs.txt").exists()
