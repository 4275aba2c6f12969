"""Renders the files and pictures that a reply names: they are made here, in the bot, and never pass through Rasa."""

from __future__ import annotations

import json
from datetime import datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from actions.access import Actor, Permission, may
from actions.calendar_file import calendar_file
from actions.caseload import caseload_of, caseload_of_all
from actions.charts import caseload_chart
from actions.clock import local_day
from actions.consultations import person_of
from actions.deadline_dialogue import MONTHS_AHEAD
from actions.exporting import export_entries, export_statistics
from actions.my_data import export
from actions.operations import FileId
from actions.own_calendar import calendar_events
from actions.practice import Practice
from actions.timeline import timeline_chart
from bot.messages import File

MONTHS_BACK = 11
"""Counts of this month and so many before."""


def rendered(session: Session, name: FileId, *, by: Actor, practice: Practice, now: datetime) -> File:
    """The file of this name for this person; `now` is aware. The caller commits. Raises what the services raise."""
    person, day = person_of(by), local_day(now)
    match name:
        case "my_data":
            content = json.dumps(export(session, person=person), ensure_ascii=False, indent=2)
            return File("meine-daten.json", content.encode())
        case "talks_xlsx" | "talks_csv" | "all_talks_xlsx" | "all_talks_csv":
            pending_only = not name.startswith("all")
            made = export_entries(
                session,
                by=by,
                pending_only=pending_only,
                layout=practice.layout,
                casework=practice.casework,
                now=now,
            )
            what = "offen" if pending_only else "alle"
            if name.endswith("xlsx"):
                return File(f"beratungen-{what}-{day:%Y-%m-%d}.xlsx", made.xlsx)
            return File(f"beratungen-{what}-{day:%Y-%m-%d}.csv", made.csv)
        case "counts_xlsx":
            month = day.replace(day=1)
            counts = export_statistics(
                session,
                by=by,
                from_month=month - relativedelta(months=MONTHS_BACK),
                to_month=month,
                layout=practice.layout,
                needs=practice.needs,
                casework=practice.casework,
                now=now,
            )
            return File(f"zahlen-{day:%Y-%m}.xlsx", counts.xlsx)
        case "caseload_png":
            if may(person, Permission.STATISTICS):
                smallest = practice.layout.smallest_group
                load = caseload_of_all(
                    session, by=by, casework=practice.casework, facts=practice.facts, smallest_group=smallest
                )
                return File("auslastung.png", caseload_chart(load, title="Auslastung aller"))
            load = caseload_of(session, by=by, person=person, casework=practice.casework, facts=practice.facts)
            return File("auslastung.png", caseload_chart(load, title="Ihre Auslastung"))
        case "deadlines_png":
            year = practice.calendar.between(day, day + relativedelta(months=MONTHS_AHEAD))
            marked = [(one.deadline.title, one.day) for one in year]
            return File("fristen.png", timeline_chart(marked, today=day))
        case "calendar_ics":
            events = calendar_events(session, person=person, practice=practice, now=now)
            return File("kim-lotse.ics", calendar_file(events, now=now))
