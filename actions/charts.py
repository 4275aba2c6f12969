"""Pictures for a phone: the caseload by form of counselling before the recommended range, as PNG."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from actions.caseload import Caseload, FormCount
from knowledge.casework import CASE_MANAGEMENT

WIDTH_PX, HEIGHT_PX, DPI = 1080, 1350, 150
TEXT: dict[str, Any] = {"family": "DejaVu Sans", "size": 18}
LARGE: dict[str, Any] = {"family": "DejaVu Sans", "size": 26, "weight": "bold"}
"""Of 16 points and more, and a font that comes with matplotlib."""
COLOURS = ("#E69F00", "#56B4E9", "#009E73")
CASE_MANAGEMENT_COLOUR = "#0072B2"
BAND, INK, PAPER = "#DCDCDC", "#1A1A1A", "#FFFFFF"
"""Okabe and Ito's palette: colour-blind people tell it apart, and where two meet, one is dark and one is light."""
READABLE_SHARE = 0.05
"""Of the height: what a segment needs to hold its number."""


def caseload_chart(caseload: Caseload, *, title: str) -> bytes:
    """One column of running cases, Case Management at its foot with the part that is expected, before the band of the
    recommended range. `title` stands above the number of cases. PNG, the same for the same figures."""
    figure = Figure(figsize=(WIDTH_PX / DPI, HEIGHT_PX / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.11, 0.23, 0.85, 0.62))
    top = max(caseload.total, caseload.high, 1) * 1.12
    prepare(axes, top)
    draw_range(axes, caseload)
    colours = draw_column(axes, caseload, top)
    figure.text(0.04, 0.955, title, va="center", color=INK, **TEXT)
    figure.text(0.04, 0.895, running_cases(caseload.total), va="center", color=INK, **LARGE)
    draw_legend(figure, caseload, colours)
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def prepare(axes: Axes, top: float) -> None:
    axes.set_xlim(-1, 1)
    axes.set_ylim(0, top)
    axes.set_xticks([])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axes.tick_params(axis="y", length=0, labelsize=TEXT["size"], labelcolor=INK, labelfontfamily=TEXT["family"])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def draw_range(axes: Axes, caseload: Caseload) -> None:
    axes.axhspan(caseload.low, caseload.high, color=BAND, zorder=0, linewidth=0)
    middle = (caseload.low + caseload.high) / 2
    words = f"empfohlen:\n{caseload.low}–{caseload.high} Fälle"
    axes.text(0.98, middle, words, ha="right", va="center", color=INK, zorder=3, **TEXT)


def draw_column(axes: Axes, caseload: Caseload, top: float) -> dict[str, str]:
    """The segments, Case Management first; which colour each form has."""
    others = iter(COLOURS * len(caseload.forms))
    colours = {
        form.form: CASE_MANAGEMENT_COLOUR if form.form == CASE_MANAGEMENT else next(others) for form in caseload.forms
    }
    foot = 0
    for form in from_the_foot(caseload):
        axes.bar(
            0, form.running, bottom=foot, width=0.7, color=colours[form.form], edgecolor=PAPER, linewidth=3, zorder=2
        )
        if form.running > top * READABLE_SHARE:
            ink = PAPER if form.form == CASE_MANAGEMENT else INK
            middle = foot + form.running / 2
            axes.text(0, middle, str(form.running), ha="center", va="center", color=ink, zorder=3, **LARGE)
        foot += form.running
    if caseload.total:
        for place, marker in ((-0.4, ">"), (0.4, "<")):
            axes.plot([place], [caseload.expected], marker=marker, markersize=16, color=INK, zorder=3, clip_on=False)
    return colours


def draw_legend(figure: Figure, caseload: Caseload, colours: dict[str, str]) -> None:
    rows: list[Artist] = [
        Patch(color=colours[form.form], label=f"{form.title}: {form.running}")
        for form in reversed(from_the_foot(caseload))
    ]
    if caseload.total:
        words = f"Case Management zu erwarten: etwa {caseload.part} = {caseload.expected}"
        rows.append(Line2D([], [], color=INK, marker=">", markersize=16, linestyle="none", label=words))
    figure.legend(
        handles=rows,
        loc="lower left",
        bbox_to_anchor=(0.02, 0.02),
        frameon=False,
        prop=TEXT,
        labelcolor=INK,
        handlelength=1,
        handleheight=1,
    )


def running_cases(count: int) -> str:
    return "1 laufender Fall" if count == 1 else f"{count} laufende Fälle"


def from_the_foot(caseload: Caseload) -> list[FormCount]:
    return sorted(caseload.forms, key=lambda form: form.form != CASE_MANAGEMENT)
