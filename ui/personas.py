"""`officehours persona`: who can speak, and files of one's own."""

from __future__ import annotations

from pathlib import Path

from ..agent.greeting import find_persona
from ..agent.settings import load
from ..persona import registry
from ..persona.lint import lint
from ..persona.template import new
from .terminal.columns import columns
from .terminal.say import echo, localized, prefs, print_json, say


def show_list(*, as_json: bool) -> None:
    """List every professor that can be used; files that cannot be used are said on stderr."""
    settings = load()
    folder = settings.home / "personas"
    found = registry.all(folder)
    chosen = settings.persona or registry.DEFAULT
    if as_json:
        print_json(
            {
                "personas": [
                    {
                        "id": persona.id,
                        "names": dict(persona.names),
                        "languages": list(persona.languages),
                        "voice": persona.voice,
                        "source": str(persona.source),
                        "default": persona.id == chosen,
                    }
                    for persona in found
                ],
                "problems": [error.en for error in registry.problems(folder)],
            }
        )
    else:
        rows = [("*" if p.id == chosen else " ", p.id, p.name(prefs.language), p.voice) for p in found]
        for line in columns(rows):
            echo(line)
    for error in registry.problems(folder):
        say(error.say(prefs.language))


def show(wanted: str, *, as_json: bool) -> None:
    """Show one professor: what the file says, and what a model is told."""
    persona = find_persona(load(), wanted)
    language = prefs.language
    if as_json:
        print_json(
            {
                "id": persona.id,
                "names": dict(persona.names),
                "languages": list(persona.languages),
                "voice": persona.voice,
                "mode": persona.mode,
                "rules": [
                    {"rule": rule.text, "check": rule.check, "hard": rule.hard} for rule in persona.promises
                ],
                "tools": None if persona.tools is None else sorted(persona.tools),
                "prompt": {language: persona.render(language) for language in persona.languages},
                "source": str(persona.source),
            }
        )
        return
    echo(f"{persona.name(language)} ({persona.id}) · {persona.voice}")
    echo(str(persona.source))
    echo()
    for rule in persona.promises:
        checked = rule.check or localized("unchecked", "검사 없음")
        echo(f"- {rule.text} [{checked}{localized(', hard', ', 엄격') if rule.hard else ''}]")
    echo()
    echo(persona.render(language))


def check(wanted: str | None, *, as_json: bool) -> int:
    """Look one professor over, or all of one's own; the exit code says whether every file can be used.

    Raises:
        PersonaError: The file that is named cannot be used.
    """
    settings = load()
    folder = settings.home / "personas"
    named = [find_persona(settings, wanted)] if wanted else registry.all(folder)
    errors = [] if wanted else registry.problems(folder)
    findings = {persona.id: lint(persona) for persona in named}
    if as_json:
        print_json(
            {
                "ok": not errors,
                "findings": {
                    name: [f.say(prefs.language) for f in found] for name, found in findings.items()
                },
                "errors": [error.say(prefs.language) for error in errors],
            }
        )
    else:
        for name, found in findings.items():
            echo(f"{name}: {localized('fine', '좋습니다') if not found else ''}".rstrip())
            for finding in found:
                echo(f"  - {finding.say(prefs.language)}")
        for error in errors:
            say(error.say(prefs.language))
    return max((error.exit_code for error in errors), default=0)


def create(persona_id: str) -> None:
    """Write a new persona file for its author to fill in."""
    path: Path = new(persona_id, load().home / "personas")
    echo(
        localized(
            f"Written: {path}\nFill it in, then: officehours persona lint {persona_id}",
            f"만들었습니다: {path}\n내용을 채운 뒤 officehours persona lint {persona_id} 로 확인해 주세요.",
        )
    )
