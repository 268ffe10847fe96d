"""`officehours doctor`: what works and how to mend what does not."""

from __future__ import annotations

from ..agent.doctor import Check, examine_all
from ..memory.text import redact, redacted
from .terminal.say import echo, localized, prefs, print_json
from .terminal.stdout import keep_stdout, stdout

MARKS = {"ok": "ok  ", "warn": "warn", "fail": "FAIL"}


def doctor(student: str | None, *, as_json: bool) -> int:
    """Look everything over; the exit code is 1 where something fails."""
    keep_stdout()
    checks: list[Check] = []
    for check in examine_all(student, stdout().encoding):
        checks.append(check)
        if not as_json:
            echo(redact(f"{MARKS[check.status]}  {check.name:<9} {check.say(prefs.language)}"))
    failed = [check for check in checks if check.status == "fail"]
    if as_json:
        print_json(
            redacted(
                {
                    "ok": not failed,
                    "checks": [
                        {
                            "name": check.name,
                            "status": check.status,
                            "text": check.say(prefs.language),
                            "details": dict(check.details),
                        }
                        for check in checks
                    ],
                }
            )
        )
    elif not failed:
        echo(localized("All that is needed works.", "필요한 것은 모두 됩니다."))
    return 1 if failed else 0
