"""Finds days in folded text: "letzten freitag", "3.3.", "in 6 wochen", "ende oktober", "kw 12"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from nlu.readers.calendar_dates import (
    DATE_WITHOUT_LAST_DOT,
    DAY_IN_SHIFTED_MONTH,
    DAY_OF_MONTH,
    DAY_OF_SHIFTED_MONTH,
    DAY_OF_SHIFTED_YEAR,
    DAY_THEN_YEAR,
    DOTTED_DATE,
    ISO_DAY,
    MONTH_THEN_DAY,
    SLASHED_DATE,
    SPOKEN,
    SPOKEN_DAY_OF_MONTH,
    SPOKEN_MONTH,
)
from nlu.readers.day_spans import NEAR_DAY, OFFSET, OFFSET_IN_SHORT, PART_OF_YEAR
from nlu.readers.day_words import Days, FoundDays, Pattern, View
from nlu.readers.periods import (
    CALENDAR_WEEK,
    LAST_DAY_OF,
    MONTH_BY_ITSELF,
    MONTH_LED_TO,
    MONTH_THEN_PART,
    PART_OF_MONTH,
    PART_OF_NAMED_YEAR,
    PART_OF_SPAN,
    WEEKEND,
    WHOLE_SPAN,
)
from nlu.readers.results import Ambiguous, Impossible
from nlu.readers.weekdays import (
    NEXT_WEEKDAY,
    NTH_OF_MONTH,
    WEEK_THEN_WEEKDAY,
    WEEKDAY_THEN_WEEK,
    WEEKDAY_WEEKS_ON,
    is_weekday,
    weekday_in,
)

PATTERNS: tuple[Pattern, ...] = (
    DAY_OF_SHIFTED_YEAR,
    DAY_THEN_YEAR,
    DAY_IN_SHIFTED_MONTH,
    ISO_DAY,
    DOTTED_DATE,
    SLASHED_DATE,
    DATE_WITHOUT_LAST_DOT,
    SPOKEN,
    MONTH_THEN_DAY,
    PART_OF_MONTH,
    MONTH_THEN_PART,
    LAST_DAY_OF,
    PART_OF_NAMED_YEAR,
    PART_OF_SPAN,
    NTH_OF_MONTH,
    WEEKEND,
    WEEK_THEN_WEEKDAY,
    WEEKDAY_THEN_WEEK,
    OFFSET_IN_SHORT,
    WEEKDAY_WEEKS_ON,
    NEXT_WEEKDAY,
    NEAR_DAY,
    PART_OF_YEAR,
    OFFSET,
    DAY_OF_SHIFTED_MONTH,
    CALENDAR_WEEK,
    WHOLE_SPAN,
    MONTH_BY_ITSELF,
    SPOKEN_MONTH,
    MONTH_LED_TO,
    DAY_OF_MONTH,
    SPOKEN_DAY_OF_MONTH,
)
"""The more telling ones first: where two would read the same words, the first one counts."""


def find_days(text: str, today: date, *, ahead: bool) -> list[FoundDays]:
    """All days said, in their order. Days without year, month or week are the next such day, or the last one."""
    view = View(today, ahead)
    found: list[FoundDays] = []
    for pattern, resolve in PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < other.end and other.start < end for other in found):
                continue
            try:
                meant: Days | Impossible | Ambiguous = resolve(match, view)
            except (ValueError, OverflowError):
                meant = Impossible(match.group().strip())
            found.append(FoundDays(start, end, meant))
    return sorted(joined(sorted(found), text))


def joined(found: list[FoundDays], text: str) -> Iterator[FoundDays]:
    """ "freitag, 3.4.": a weekday beside its date is one day; where they contradict, both come into question."""
    waiting: FoundDays | None = None
    for here in found:
        if waiting is not None and re.fullmatch(r",? ?(?:den |dem |der )?", text[waiting.end : here.start]):
            said = text[waiting.start : waiting.end]
            if text.startswith("bis", here.start):
                yield waiting
                waiting = here
                continue
            if is_weekday(said) and isinstance(here.meant, Days) and here.meant.named:
                agree = weekday_in(said) == here.meant.first.weekday()
                options = sorted(
                    {here.meant.first, *([waiting.meant.first] if isinstance(waiting.meant, Days) else [])}
                )
                meant = here.meant if agree else Ambiguous(text[waiting.start : here.end], tuple(options))
                waiting = FoundDays(waiting.start, here.end, meant)
                continue
            if is_weekday(said):
                waiting = FoundDays(waiting.start, here.end, here.meant)
                continue
        if waiting is not None:
            yield waiting
        waiting = here
    if waiting is not None:
        yield waiting
