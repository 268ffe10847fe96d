"""`officehours tools`: what the model may call."""

from __future__ import annotations

from ..agent.assemble import all_tools
from ..tools.policy import Policies
from ..tools.registry import Registry
from .runtime import open_for_command
from .terminal.columns import columns
from .terminal.say import echo, localized, prefs, print_json, say
from .terminal.stdout import keep_stdout


def show_list(student: str | None, *, as_json: bool) -> None:
    """List every tool with where it is from; what could not be loaded is said on stderr."""
    keep_stdout()
    with open_for_command(student, create=True) as runtime:
        tools, loaded = all_tools(runtime)
        registry = Registry(tools, Policies(runtime.settings.tool_policy))
        if as_json:
            print_json(
                {
                    "tools": [
                        {
                            "name": tool.name,
                            "description": tool.spec.description,
                            "effect": tool.effect,
                            "policy": registry.policies.of(tool),
                            "source": tool.source or "built in",
                            "parameters": dict(tool.spec.parameters),
                        }
                        for tool in registry
                    ],
                    "missing": {name: why.en for name, why in registry.missing.items()},
                    "problems": [problem.en for problem in loaded.problems],
                }
            )
        else:
            built_in = localized("built in", "내장")
            rows = [(t.name, t.source or built_in, t.spec.description.split("\n")[0]) for t in registry]
            for line in columns(rows):
                echo(line)
            for name, why in registry.missing.items():
                say(f"{name}: {why.say(prefs.language)}")
            for problem in loaded.problems:
                say(problem.say(prefs.language))
