"""What the hand-over to the KIM-Datenbank needs to know: the columns of an export, and which counts are too small."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from knowledge.casework import mapping
from knowledge.load import parse
from knowledge.models import Curated
from knowledge.needs import Channel

FILE = Path(__file__).parent / "transfer.yml"

ColumnField = Literal[
    "number", "form", "day", "channel", "duration_min", "topics", "referral", "note", "next_steps", "gap", "follow_up",
    "created_at", "transferred_at",
]  # fmt: skip


class TransferColumn(Curated):
    """A column of an export: its heading, and which field of an entry stands in it."""

    heading: Annotated[str, Field(min_length=1)]
    field: ColumnField


class TransferLayout(Curated):
    """How entries leave, and what is published of their counts: cells below `smallest_count` are not; caseloads of
    fewer people than `smallest_group` who do not share theirs are not."""

    columns: Annotated[list[TransferColumn], Field(min_length=1)]
    channels: Mapping[Channel, str]
    smallest_count: Annotated[int, Field(ge=3)]
    smallest_group: Annotated[int, Field(ge=2)]

    def channel_title(self, channel: str) -> str:
        """The name of a way to talk; its id if the data does not hold it."""
        return {str(known): title for known, title in self.channels.items()}.get(channel, channel)


def load_transfer(overlay: Path | None = None) -> TransferLayout:
    """Ours, with the keys an overlay's `transfer.yml` replaces; raises `KnowledgeError` naming what is wrong."""
    content = mapping(FILE)
    local = overlay / FILE.name if overlay else None
    if local is not None and local.exists():
        return parse(TransferLayout, content | mapping(local), local)
    return parse(TransferLayout, content, FILE)
