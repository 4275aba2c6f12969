"""What the services need to know of the field and of a municipality's practice: read once, handed around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.casework import Casework, load_casework
from knowledge.deadlines import Deadlines, load_deadlines
from knowledge.load import Knowledge
from knowledge.models import Fact
from knowledge.needs import Needs, load_needs
from knowledge.transfer import TransferLayout, load_transfer


@dataclass(frozen=True)
class Practice:
    """Case numbers and forms, needs and referrals, columns of the hand-over, the programme's calendar, figures with
    their sources."""

    casework: Casework
    needs: Needs
    layout: TransferLayout
    calendar: Deadlines
    facts: Mapping[str, Fact]


def load_practice(knowledge: Knowledge, overlay: Path | None = None) -> Practice:
    """Raises `KnowledgeError` naming the file and what is wrong with it."""
    return Practice(
        load_casework(overlay), load_needs(), load_transfer(overlay), load_deadlines(overlay), knowledge.facts
    )
