"""A picture for a phone: the deadlines of the coming twelve months, downwards along a line, as PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from actions.charts import BAND, CASE_MANAGEMENT_COLOUR, DPI, INK, LARGE, PAPER, TEXT, WIDTH_PX
from actions.reminder_words import day_in_words
from actions.workdays import holiday_name, is_working_day, working_day_until
from nlu.readers.reckoning import moved_by

MONTHS = ("Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez")
DATE: dict[str, Any] = TEXT | {"size": 20, "weight": "bold"}
HINT: dict[str, Any] = TEXT | {"size": 16}
TODAY, ON_ITS_DAY, BEFORE = (INK, "o"), (CASE_MANAGEMENT_COLOUR, "o"), ("#D55E00", "D")
"""Blue and vermilion of Okabe and Ito's palette; the shapes differ too."""
MARGIN, MONTH_X, LINE_X, TEXT_X = 48, 200, 240, 292
TOP, GAP = 220, 22
"""Points of the picture: from the left; from above, where the line begins; over and under what stands beside it."""
HANG = "   "
"""As wide as "• "."""
MOST = 30
"""Deadlines, so that a messenger takes the picture."""
NONE = "In den kommenden zwölf Monaten steht keine Frist mit festem Termin an."


@dataclass(frozen=True)
class Line:
    """One line of text and how it is set."""

    text: str
    font: dict[str, Any]

    @property
    def height(self) -> float:
        return float(self.font["size"]) * DPI / 72 * 1.35


@dataclass(frozen=True)
class Mark:
    """What stands beside the line for one day, after its colour and shape."""

    look: tuple[str, str]
    lines: tuple[Line, ...]

    @property
    def height(self) -> float:
        return sum(line.height for line in self.lines) + GAP


@dataclass(frozen=True)
class Month:
    """A stretch of the line, as long as its name and its marks need."""

    name: tuple[Line, ...]
    marks: tuple[Mark, ...]

    @property
    def height(self) -> float:
        return GAP + max(sum(line.height for line in self.name) + GAP, sum(mark.height for mark in self.marks))


def timeline_chart(days: Sequence[tuple[str, date]], *, today: date) -> bytes:
    """Title and day of deadlines, of which those from `today` on for twelve months are shown; a day without work with
    the last working day before it. PNG, the same for the same deadlines and day."""
    out = io.BytesIO()
    timeline(days, today).savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def timeline(days: Sequence[tuple[str, date]], today: date) -> Figure:
    last = moved_by(today, months=12) - timedelta(days=1)
    coming = sorted({(day, title) for title, day in days if today <= day <= last})
    dated = [(day, [title for _, title in group]) for day, group in groupby(coming[:MOST], key=lambda one: one[0])]
    marks = [(today, today_mark(today, empty=not coming)), *((day, mark(day, titles)) for day, titles in dated)]
    months = [
        Month(name_of(first, today), tuple(mark for day, mark in marks if day.replace(day=1) == first))
        for first in months_between(today, last)
    ]
    end = TOP + sum(month.height for month in months)
    foot = [Line(f"Weitere Fristen: {len(coming) - MOST}", TEXT)] if len(coming) > MOST else []
    height = round(end + sum(line.height for line in foot) + MARGIN)
    figure = Figure(figsize=(WIDTH_PX / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH_PX)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    draw_lines(axes, [Line("Fristen", LARGE), Line(f"{today:%d.%m.%Y} bis {last:%d.%m.%Y}", TEXT)], MARGIN, MARGIN)
    draw_months(axes, months)
    draw_lines(axes, foot, MARGIN, end + GAP)
    return figure


def months_between(first: date, last: date) -> Iterator[date]:
    """The first of every month that has one of these days."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = moved_by(month, months=1)


def name_of(month: date, today: date) -> tuple[Line, ...]:
    """The year stands with the first month and with January."""
    year = [Line(str(month.year), HINT)] if month <= today or month.month == 1 else []
    return (Line(MONTHS[month.month - 1], TEXT), *year)


def today_mark(today: date, *, empty: bool) -> Mark:
    words = wrapped(NONE, TEXT) if empty else []
    return Mark(TODAY, (Line(f"heute: {day_in_words(today)}", HINT), *(Line(text, TEXT) for text in words)))


def mark(day: date, titles: Sequence[str]) -> Mark:
    shown = titles if len(titles) == 1 else [f"• {title}" for title in titles]
    texts = [text for title in shown for text in wrapped(title, TEXT, hang=HANG if len(titles) > 1 else "")]
    lines = (Line(day_in_words(day), DATE), *(Line(text, TEXT) for text in texts))
    if is_working_day(day):
        return Mark(ON_ITS_DAY, lines)
    before = working_day_until(day)
    holiday = f"{name}, " if (name := holiday_name(day)) else ""
    hint = f"{holiday}letzter Werktag: {day_in_words(before).removesuffix(str(before.year))}"
    return Mark(BEFORE, (*lines, *(Line(text, HINT) for text in wrapped(hint, HINT))))


def wrapped(text: str, font: dict[str, Any], hang: str = "") -> list[str]:
    """The text in lines as wide as there is room beside the line, all but the first with `hang` before them; a word
    that is too long for a line is broken."""
    figure = Figure(dpi=DPI)
    FigureCanvasAgg(figure)
    probe = figure.text(0, 0, "", parse_math=False, **font)

    def fits(line: str) -> bool:
        probe.set_text(line)
        return probe.get_window_extent().width <= WIDTH_PX - MARGIN - TEXT_X

    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if fits(joined):
            lines[-1] = joined
            continue
        lines.append(hang)
        for letter in word:
            if not fits(lines[-1] + letter):
                lines.append(hang)
            lines[-1] += letter
    return [line for line in lines if line.strip()]


def draw_months(axes: Axes, months: Sequence[Month]) -> None:
    """The line with a tick and a name for each month."""
    y: float = TOP
    end = y + sum(month.height for month in months)
    axes.plot([LINE_X, LINE_X], [y, end], color=BAND, linewidth=5, solid_capstyle="butt", zorder=1)
    for month in months:
        axes.plot([MARGIN, WIDTH_PX - MARGIN], [y, y], color=BAND, linewidth=1.5, zorder=1)
        draw_lines(axes, month.name, MONTH_X, y + GAP, align="right")
        below = y + GAP
        for one in month.marks:
            colour, shape = one.look
            at = below + one.lines[0].height / 2
            axes.plot([LINE_X], [at], marker=shape, markersize=13, color=colour, markeredgecolor=PAPER, zorder=2)
            draw_lines(axes, one.lines, TEXT_X, below)
            below += one.height
        y += month.height


def draw_lines(axes: Axes, lines: Sequence[Line], x: float, y: float, align: str = "left") -> None:
    """Lines one below the other from `y` on; a `$` in them is no formula."""
    for line in lines:
        middle = y + line.height / 2
        axes.text(x, middle, line.text, ha=align, va="center", color=INK, parse_math=False, zorder=3, **line.font)
        y += line.height
