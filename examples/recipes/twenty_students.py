"""A bot for a class: twenty students write at once, and each has a professor who remembers them.

    python examples/recipes/twenty_students.py

A chat service hands messages over in whatever order they come. Each student has a thread: their own messages are answered one
after the other, and nobody waits for anybody else. The professors of a program share its database and its embedder.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from officehours import Agent, OfficeHoursError, events, open_tutor


class ClassBot:
    """Answers a class.

    Args:
        open_professor: Opens the professor of a student.
    """

    def __init__(
        self, open_professor: Callable[[str], Agent] = lambda student: open_tutor(student=student)
    ) -> None:
        self._open = open_professor
        self._lock = Lock()
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._professors: dict[str, Agent] = {}

    def hear(self, student: str, text: str) -> Future[str]:
        """Take a message in, and give the answer once there is one."""
        with self._lock:
            thread = self._threads.setdefault(student, ThreadPoolExecutor(1, student))
        return thread.submit(self._answer, student, text)

    def _answer(self, student: str, text: str) -> str:
        try:
            if student not in self._professors:
                self._professors[student] = self._open(student)
            for event in self._professors[student].turn(text):
                match event:
                    case events.TurnFinished():
                        return event.answer
                    case events.TurnFailed():
                        return event.error.say("en")
                    case _:
                        pass
        except OfficeHoursError as error:
            return error.say("en")
        return ""

    def close(self) -> None:
        """Let everybody's last answer end, and close."""
        for thread in self._threads.values():
            thread.shutdown()
        for professor in self._professors.values():
            professor.close()


def main() -> None:
    """Twenty students tell what they find hard, and ask for a product; all at once."""
    bot = ClassBot()
    waiting: list[tuple[str, Future[str]]] = []
    for number in range(1, 21):
        student = f"student-{number}"
        waiting.append((student, bot.hear(student, f"Topic {number} of the course is hard for me.")))
        waiting.append((student, bot.hear(student, f"What is {number} * {number}?")))
    for student, answer in waiting:
        print(f"{student}: {answer.result().splitlines()[0]}")
    bot.close()


if __name__ == "__main__":
    main()
