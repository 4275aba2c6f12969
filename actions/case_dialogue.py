"""What the assistant says and asks about cases, around the services of `actions.cases`."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from actions.access import Actor, Permission, require
from actions.cases import (
    CaseError,
    add_deputy,
    case_for,
    change_form,
    close_case,
    deputies_of,
    hand_over,
    open_case,
    readable_cases,
    remove_deputy,
    reopen_case,
    withdraw_consent,
)
from actions.clock import local_day
from actions.follow_ups import offered
from actions.operations import (
    AddDeputy,
    AnyOperation,
    AskConsentDay,
    AskWithdraw,
    CaseOperation,
    ChangeForm,
    Choice,
    CloseCase,
    DeclineConsent,
    HandOver,
    Leave,
    ListCases,
    ListReminders,
    OpenCase,
    RemoveDeputy,
    ReopenCase,
    ResumeTalk,
    Said,
    SetPermit,
    SetReminder,
    ShowCase,
    ShowConsent,
    TakeOver,
    TalkDraft,
    Withdraw,
)
from actions.people import colleagues
from actions.practice import Practice
from actions.reminders import count_in_case
from actions.store.models import Case, Person
from actions.talk_requests import ID_BYTES
from knowledge.casework import Casework

MOST_LISTED = 60
MOST_BUTTONS = 6
CONSENT_ENTRY = "faq-34"
"""The entry that says why: no data without a signed Einwilligungserklärung."""


@dataclass(frozen=True)
class CaseDialogue:
    """One operation about cases, done on behalf of a person. `now` is aware; the caller commits."""

    session: Session
    by: Actor
    person: Person
    practice: Practice
    now: datetime

    @property
    def casework(self) -> Casework:
        return self.practice.casework

    @property
    def today(self) -> date:
        return local_day(self.now)

    def perform(self, operation: CaseOperation | ListCases) -> Said:
        """Raises the errors of `actions.cases`, whose sentences are the reply."""
        match operation:
            case ListCases():
                return self.list_cases(closed=operation.closed)
            case CaseOperation(number=None):
                return Said(text=f"Wie lautet die Fallnummer? Zum Beispiel {self.casework.examples}.", awaits=operation)
            case AskConsentDay(number=str(number)):
                return Said(
                    text=f"Wann wurde die Einwilligungserklärung für {number} unterschrieben? Zum Beispiel „gestern“ "
                    "oder „12.03.2026“.",
                    awaits=OpenCase.model_validate(operation.model_dump() | {"do": "open_case"}),
                    numbers=[number],
                )
            case OpenCase(number=str(number)):
                return self.open(operation, number)
            case DeclineConsent(number=str(number)):
                return Said(
                    text=f"Dann speichere ich zu {number} nichts. Sobald unterschrieben ist, schreiben Sie „Fall "
                    f"anlegen {number}“.",
                    numbers=[number],
                )
            case CaseOperation(number=str(number)):
                return self.about(operation, case_for(self.session, by=self.by, number=number, day=self.today))
        raise TypeError(operation)

    def about(self, operation: CaseOperation, case: Case) -> Said:
        """An operation in a case that the person may act in."""
        number, session, by, now = case.number, self.session, self.by, self.now
        match operation:
            case ShowCase():
                return self.show(case)
            case ShowConsent():
                return self.show_consent(case)
            case CloseCase():
                close_case(session, by=by, case=case, now=now)
                left = count_in_case(session, case)
                still = f" Dazu offene Erinnerungen: {left}." if left else ""
                choices = [Choice(label="Wieder öffnen", then=ReopenCase(number=number))]
                choices += [Choice(label="Erinnerungen zeigen", then=ListReminders())] if left else []
                return told(case, f"{number} ist abgeschlossen.{still}", choices)
            case ReopenCase():
                reopen_case(session, by=by, case=case, now=now)
                return told(
                    case, f"{number} läuft wieder.", [Choice(label="Abschließen", then=CloseCase(number=number))]
                )
            case ChangeForm(form=None):
                others = [form for form in self.casework.counselling_forms if form.id != case.form]
                choices = [Choice(label=form.title, then=ChangeForm(number=number, form=form.id)) for form in others]
                return told(case, f"{number} ist {self.form(case)}. Wechseln zu:", choices)
            case ChangeForm(form=str(form)):
                before = case.form
                change_form(session, by=by, case=case, form=form, now=now)
                back = Choice(label="Rückgängig", then=ChangeForm(number=number, form=before))
                return told(case, f"{number} ist jetzt {self.form(case)}.", [back] if before != form else [])
            case TakeOver():
                hand_over(session, by=by, case=case, to=self.person, now=now)
                return told(
                    case,
                    f"{number} liegt jetzt bei Ihnen.",
                    [Choice(label="Fall zeigen", then=ShowCase(number=number))],
                )
            case HandOver(to=None):
                return self.ask_colleague(operation, case, f"Wem geben Sie {number}?")
            case HandOver(to=str(alias)):
                hand_over(session, by=by, case=case, to=self.colleague(alias, number), now=now)
                return told(case, f"{number} liegt jetzt bei „{alias}“.")
            case AddDeputy(deputy=None):
                return self.ask_colleague(operation, case, f"Wer vertritt Sie in {number}?")
            case AddDeputy(deputy=str(alias)):
                add_deputy(session, by=by, case=case, person=self.colleague(alias, number), now=now)
                return told(case, f"„{alias}“ vertritt Sie jetzt dauerhaft in {number}.")
            case RemoveDeputy(deputy=str(alias)):
                remove_deputy(session, by=by, case=case, person=self.colleague(alias, number), now=now)
                return told(case, f"„{alias}“ vertritt Sie nicht mehr in {number}.")
            case AskWithdraw():
                text = (
                    f"Soll ich alles zu {number} löschen: Fall, Einträge, Entwürfe, Erinnerungen, Verweise und die "
                    "Nachrichten hier? Das lässt sich nicht rückgängig machen."
                )
                yes = Choice(label="Ja, alles löschen", then=Withdraw(number=number))
                return told(case, text, [yes, Choice(label="Nein", then=Leave())])
            case Withdraw():
                withdraw_consent(session, by=by, case=case, now=now)
                return Said(
                    text=f"Zu {number} ist alles gelöscht. Bitte denken Sie auch an die KIM-Datenbank.",
                    numbers=[number],
                    forgotten=True,
                )
        raise TypeError(operation)

    def open(self, operation: OpenCase, number: str) -> Said:
        """Consent first, then the form of counselling: until both are known, nothing is stored."""
        require(self.by, Permission.CASES)
        known = self.session.exec(select(Case).where(Case.number == number)).first()
        if known is not None:
            case = case_for(self.session, by=self.by, number=number, day=self.today)
            begun = operation.talk or operation.reminder
            return self.opened(case, operation) if begun else self.show_consent(case)
        if operation.signed_on is None:
            today = operation.model_copy(update={"signed_on": self.today})
            other = AskConsentDay.model_validate(operation.model_dump() | {"do": "ask_consent_day"})
            rows = [
                [Choice(label="Ja, heute unterschrieben", then=today)],
                [Choice(label="Ja, an einem anderen Tag …", then=other)],
                [Choice(label="Nein, noch nicht", then=DeclineConsent(number=number))],
            ]
            return Said(
                text=f"Liegt für {number} die unterschriebene Einwilligungserklärung vor? Ohne sie darf ich zu dem "
                "Fall nichts speichern.",
                cites=[CONSENT_ENTRY],
                rows=rows,
                awaits=operation,
                numbers=[number],
            )
        if operation.form is None:
            forms = [
                Choice(label=form.title, then=operation.model_copy(update={"form": form.id}))
                for form in self.casework.counselling_forms
            ]
            return Said(text=f"Welche Beratungsform hat {number}?", rows=[forms], awaits=operation, numbers=[number])
        case = open_case(
            self.session,
            by=self.by,
            owner=self.person,
            number=number,
            form=operation.form,
            started_on=operation.started_on or self.today,
            signed_on=operation.signed_on,
            now=self.now,
        )
        return self.opened(case, operation)

    def opened(self, case: Case, operation: OpenCase) -> Said:
        """The case is there; a talk told before is gone on with."""
        number = case.number
        text = f"{number} ist angelegt: {self.form(case)}, Einwilligung vom {case.consent_signed_on:%d.%m.%Y}."
        if operation.talk is not None:
            talk = ResumeTalk(number=number, entry_id=operation.talk.entry_id, told=operation.talk)
            return Said(text=text, then=talk, numbers=[number])
        if operation.reminder is not None:
            told_before = SetReminder(number=number, draft=operation.reminder)
            return Said(text=text, then=told_before, numbers=[number])
        draft = TalkDraft(entry_id=secrets.token_urlsafe(ID_BYTES), number=number)
        choices = [
            Choice(label="Beratung eintragen", then=ResumeTalk(number=number, entry_id=draft.entry_id, told=draft)),
            Choice(label="Fall zeigen", then=ShowCase(number=number)),
        ]
        defaults = self.casework.reminders
        reminders = offered(self.session, case=case, few_talks=False, defaults=defaults, today=self.today)
        return Said(text=text, rows=[choices, *([one] for one in reminders)], numbers=[number])

    def list_cases(self, *, closed: bool) -> Said:
        require(self.by, Permission.CASES)
        cases = readable_cases(self.session, self.person, self.today, closed=closed)
        if not cases:
            kind = "abgeschlossenen" if closed else "laufenden"
            example = self.casework.case_numbers[-1].example
            return Said(text=f"Sie haben keine {kind} Fälle. „Fall anlegen {example}“ legt einen an.")
        lines = [self.line(case) for case in cases[:MOST_LISTED]]
        if len(cases) > MOST_LISTED:
            lines.append(f"… und {len(cases) - MOST_LISTED} weitere")
        buttons = [Choice(label=case.number, then=ShowCase(number=case.number)) for case in cases[:MOST_BUTTONS]]
        return Said(
            title=f"{'Abgeschlossene' if closed else 'Laufende'} Fälle: {len(cases)}",
            text="\n".join(lines),
            rows=[buttons[i : i + 2] for i in range(0, len(buttons), 2)],
            numbers=[case.number for case in cases],
        )

    def line(self, case: Case) -> str:
        owner = "" if case.owner_id == self.person.id else f" · in Vertretung für „{self.owner(case).alias}“"
        return f"{case.number} · {self.form(case)} · seit {case.started_on:%d.%m.%Y}{owner}"

    def show(self, case: Case) -> Said:
        number = case.number
        lines = [f"{self.form(case)} · seit {case.started_on:%d.%m.%Y}"]
        lines += [f"abgeschlossen am {case.closed_on:%d.%m.%Y}"] if case.closed_on else []
        lines += [f"Einwilligung vom {case.consent_signed_on:%d.%m.%Y}"]
        lines += [] if case.owner_id == self.person.id else [f"liegt bei „{self.owner(case).alias}“"]
        deputies = deputies_of(self.session, case)
        lines += [f"dauerhafte Vertretung: {', '.join(one.alias for one in deputies)}"] if deputies else []
        state: AnyOperation = ReopenCase(number=number) if case.closed_on else CloseCase(number=number)
        own = case.owner_id == self.person.id
        passing: AnyOperation = HandOver(number=number) if own else TakeOver(number=number)
        rows = [
            [
                Choice(label="Wieder öffnen" if case.closed_on else "Abschließen", then=state),
                Choice(label="Form wechseln …", then=ChangeForm(number=number)),
            ],
            [
                Choice(label="Übergeben …" if own else "Übernehmen", then=passing),
                Choice(label="Einwilligung widerrufen …", then=AskWithdraw(number=number)),
            ],
        ]
        rows.append([Choice(label="§ 104c: Ende der Erlaubnis …", then=SetPermit(number=number))])
        rows += [[one] for one in offered(
            self.session, case=case, few_talks=False, defaults=self.casework.reminders, today=self.today
        )]  # fmt: skip
        for one in deputies if own else []:
            end = RemoveDeputy(number=number, deputy=one.alias)
            rows.append([Choice(label=f"Vertretung durch „{one.alias}“ beenden", then=end)])
        return Said(title=number, text="\n".join(lines), rows=rows, numbers=[number])

    def show_consent(self, case: Case) -> Said:
        by = self.session.get_one(Person, case.consent_confirmed_by)
        on = local_day(case.consent_confirmed_at)
        return told(
            case,
            f"Für {case.number} liegt die Einwilligungserklärung vom {case.consent_signed_on:%d.%m.%Y} vor, bestätigt "
            f"am {on:%d.%m.%Y} von „{by.alias}“.",
            [Choice(label="Widerrufen …", then=AskWithdraw(number=case.number))],
        )

    def ask_colleague(self, operation: HandOver | AddDeputy, case: Case, question: str) -> Said:
        field = "to" if isinstance(operation, HandOver) else "deputy"
        others = colleagues(self.session, self.person)
        rows = [[Choice(label=one.alias, then=operation.model_copy(update={field: one.alias}))] for one in others]
        if not rows:
            raise CaseError(
                "Außer Ihnen führt hier noch niemand Fälle – bitte fragen Sie Ihre Administration.", case.number
            )
        return Said(text=question, rows=rows[:MOST_BUTTONS], awaits=operation, numbers=[case.number])

    def colleague(self, alias: str, number: str) -> Person:
        found = next((one for one in colleagues(self.session, self.person) if one.alias == alias), None)
        if found is None:
            raise CaseError(f"„{alias}“ führt hier keine Fälle – bitte den Alias prüfen.", number)
        return found

    def form(self, case: Case) -> str:
        return self.casework.form_title(case.form)

    def owner(self, case: Case) -> Person:
        return self.session.get_one(Person, case.owner_id)


def told(case: Case, text: str, choices: Sequence[Choice] = ()) -> Said:
    return Said(text=text, rows=[list(choices)] if choices else [], numbers=[case.number])
