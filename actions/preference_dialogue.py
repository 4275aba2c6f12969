"""What the assistant says about how a person wants to be nudged, and changes by a tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import Session

from actions.deadlines import plan_deadlines
from actions.operations import Choice, ChooseHours, ChooseLeads, ChooseShown, Said, ShowPreferences
from actions.practice import Practice
from actions.preferences import choose_hours, choose_leads, choose_shown, preference_of
from actions.reminder_words import SHORT, clock_in_words
from actions.reminders import replan
from actions.standing import plan_standing
from actions.store.models import Person, Preference, Shows

SHOWN = {Shows.NONE: "nichts", Shows.KIND: "Art und Fallnummer", Shows.FULL: "alles"}
STARTS = (7, 8, 9, 10)
ENDS = (13, 15, 17, 19)
LEADS = (56, 28, 14, 7, 3, 1)
"""Days before a deadline that can be chosen."""

PreferenceOperation = ShowPreferences | ChooseShown | ChooseHours | ChooseLeads


@dataclass(frozen=True)
class PreferenceDialogue:
    """One tap on behalf of a person. `now` is aware; the caller commits. Raises `PreferenceError`."""

    session: Session
    person: Person
    practice: Practice
    now: datetime

    def perform(self, operation: PreferenceOperation) -> Said:
        defaults = self.practice.casework.reminders
        chosen = preference_of(self.session, self.person, defaults)
        match operation:
            case ShowPreferences():
                return self.shown(chosen)
            case ChooseShown(shows=shows):
                chosen = choose_shown(self.session, person=self.person, shows=shows, defaults=defaults)
            case ChooseHours(toggled=toggled, starts=starts, ends=ends):
                chosen = choose_hours(
                    self.session,
                    person=self.person,
                    days=set(chosen.days) ^ ({toggled} if toggled is not None else set()),
                    starts=starts or chosen.starts,
                    ends=ends or chosen.ends,
                    defaults=defaults,
                )
            case ChooseLeads(toggled=toggled):
                before = set(chosen.lead_days or self.practice.calendar.lead_days)
                days = before ^ ({toggled} if toggled is not None else set())
                chosen = choose_leads(self.session, person=self.person, days=days, defaults=defaults)
        self.session.flush()
        replan(self.session, person=self.person, defaults=defaults, now=self.now)
        plan_standing(self.session, person=self.person, practice=self.practice, now=self.now)
        plan_deadlines(self.session, person=self.person, practice=self.practice, now=self.now)
        return self.shown(chosen).model_copy(update={"in_place": True})

    def shown(self, chosen: Preference) -> Said:
        """What holds now, each part with its buttons; a tick marks what is chosen."""
        days = ", ".join(SHORT[day] for day in chosen.days)
        leads = chosen.lead_days or self.practice.calendar.lead_days
        text = (
            f"Meldungen zeigen: {SHOWN[chosen.shows]}\n"
            f"Arbeitszeit: {days}, {clock_in_words(chosen.starts)} bis {clock_in_words(chosen.ends)}, ohne Feiertage\n"
            f"Vor Fristen: {', '.join(str(lead) for lead in leads)} Tage vorher\n"
            "Zeiten, die Sie selbst nennen, gelten immer."
        )

        def tick(label: str, on: bool) -> str:
            return f"✓ {label}" if on else label

        rows = [
            [Choice(label=tick(name, shows is chosen.shows), then=ChooseShown(shows=shows)) for shows, name in
             SHOWN.items()],
            [Choice(label=tick(SHORT[day], day in chosen.days), then=ChooseHours(toggled=day)) for day in range(7)],
            [Choice(label=tick(f"ab {hour}", chosen.starts == time(hour)), then=ChooseHours(starts=time(hour))) for
             hour in STARTS],
            [Choice(label=tick(f"bis {hour}", chosen.ends == time(hour)), then=ChooseHours(ends=time(hour))) for hour
             in ENDS],
            [Choice(label=tick(f"{lead} T.", lead in leads), then=ChooseLeads(toggled=lead)) for lead in LEADS],
        ]  # fmt: skip
        return Said(title="Wie ich Sie erinnere", text=text, rows=rows)
