"""Where the commands write."""

from __future__ import annotations

from rich.console import Console

out = Console(highlight=False, soft_wrap=True, emoji=False)
errors = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def lie(cases: int) -> str:
    """ "1 Fall liegt", "2 Fälle liegen"."""
    return "1 Fall liegt" if cases == 1 else f"{cases} Fälle liegen"
