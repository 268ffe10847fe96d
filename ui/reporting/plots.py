"""The plots of a report, as SVG that stands inside a page; pygal draws them, and is loaded when there is one to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from ...agent.tutor.report import StudyReport
from ..terminal.say import localized
from .tables import Plot, span

COLOURS: Final = ("var(--first)", "var(--second)")
"""Named in the page's own style, so that the plots turn dark with it."""

LONGEST_LABEL: Final = 24
"""Characters of a topic under its bars."""

SHOWN: Final = 20
"""So many bars can be read side by side: the last days, the first topics."""


def plot(found: StudyReport, kind: Plot) -> str:
    """Draw one plot, "" where there is nothing to draw."""
    return {"time": _time, "mastery": _mastery, "forgetting": _forgetting}[kind](found)


def _time(found: StudyReport) -> str:
    days = found.days[-SHOWN:]
    if not days:
        return ""
    title = localized("Minutes a day", "하루에 공부한 분")
    bars = {localized("minutes", "분"): [round(day.minutes, 1) for day in days]}
    return _svg("time", "Bar", title, [f"{day.day:%m-%d}" for day in days], bars, str)


def _mastery(found: StudyReport) -> str:
    known = [item.mastery for item in found.known[:SHOWN]]
    if not known:
        return ""
    title = localized("Right lately, and remembered now (%)", "최근 정답률과 지금의 기억(%)")
    bars = {
        localized("right lately", "최근 정답률"): [_hundred(item.correctness) for item in known],
        localized("remembered now", "지금 기억"): [_hundred(item.retrievability) for item in known],
    }
    labels = [_short(item.topic) for item in known]
    return _svg("mastery", "Bar", title, labels, bars, _percent, (0, 100))


def _forgetting(found: StudyReport) -> str:
    if not found.forgetting:
        return ""
    title = localized("Remembered, by days since the last review (%)", "지난 복습 뒤 일수에 따른 기억(%)")
    lines = {
        localized("remembered", "기억함"): [_hundred(point.remembered) for point in found.forgetting],
        localized("foretold by FSRS", "FSRS 예측"): [_hundred(point.expected) for point in found.forgetting],
    }
    labels = [span(point) for point in found.forgetting]
    return _svg("forgetting", "Line", title, labels, lines, _percent, (0, 100))


def _svg(
    name: str,
    kind: str,
    title: str,
    labels: Sequence[str],
    series: dict[str, list[float | None]] | dict[str, list[float]],
    formatter: Callable[[Any], str],
    bounds: tuple[int, int] | None = None,
) -> str:
    import pygal
    from pygal.style import Style

    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--soft)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        colors=COLOURS,
        value_colors=("var(--ink)",) * len(COLOURS),
        font_family="inherit",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=13,
        title_font_size=15,
        stroke_width=2,
        transition="0s",
    )
    chart: Any = getattr(pygal, kind)(  # its types are not declared
        style=style,
        js=[],
        width=760,
        height=320,
        title=title,
        x_labels=list(labels),
        x_label_rotation=30 if len(labels) > 6 else 0,
        legend_at_bottom=True,
        show_legend=len(series) > 1,
        formatter=formatter,
        value_formatter=formatter,
        dots_size=4,
        disable_xml_declaration=True,
        **({"range": bounds} if bounds else {}),
    )
    chart.uuid = f"plot-{name}"  # pygal would take a new random one for each page
    for label, values in series.items():
        chart.add(label, values)
    return _without_scripts(chart.render_tree())


def _without_scripts(root: Any) -> str:
    """Give the SVG without what it would run, and without the comments, which name addresses."""
    from pygal.etree import etree

    tree = cast("Any", etree)
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] == "script":
                parent.remove(child)
    return tree.tostring(root, encoding="unicode")


def _hundred(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _percent(value: float) -> str:
    return f"{value:.0f}%"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"
