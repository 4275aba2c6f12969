"""What the assistant says and asks while a talk is told, saved, shown, changed and handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from actions.access import Actor
from actions.case_dialogue import MOST_BUTTONS, CaseDialogue
from actions.cases import ConsentMissingError, NotYourCaseError, case_for, readable_cases
from actions.clock import local_day
from actions.consultations import (
    LEAST_TALKS,
    MOST_NEEDS,
    Talk,
    TalkRefusedError,
    case_of,
    check_talk,
    consultation_for,
    count_for_case,
    edit_consultation,
    least_talks,
    log_consultation,
    looks_like_duplicate,
    too_many_needs,
)
from actions.drafts import draft_of, drop_draft, keep_draft, newest_draft
from actions.follow_ups import keep_next_talk, offered
from actions.operations import (
    AnswerTalk,
    AskTalk,
    ChangeForm,
    ChangeTalk,
    Choice,
    DropTalk,
    EditTalk,
    MarkTransferred,
    OpenCase,
    ResumeTalk,
    Said,
    SaveTalk,
    ShowTalks,
    TalkDraft,
    TalkField,
    TalkOperation,
    TellTalk,
    ToggleNeed,
    UndoTalk,
)
from actions.practice import Practice
from actions.store.models import Case, Consultation, Person
from actions.store.records import audit
from actions.talk_fields import (
    QUESTIONS,
    REQUIRED,
    TITLES,
    field_of,
    filled,
    in_rows,
    line_of,
    missing_in,
    numbers_of,
    shown,
    talk_from,
)
from actions.talk_requests import OPTIONAL, new_talk, told
from knowledge.casework import ReminderDefaults

FORMS_ENTRY, SAME_DAY_ENTRY = "faq-32", "faq-34"
"""The entries that say why: forms of counselling and their standards; data belong in the KIM-Datenbank that day."""
DRAFT_KIND = "talk:"
STEPS = 2
"""From so many required fields asked for, a talk is told step by step, and a note is asked for too."""
MOST_REFERRALS = 8
GONE = "Diese Beratung ist hier nicht mehr offen: Sie wurde gespeichert, verworfen oder ist älter als einen Tag."


@dataclass(frozen=True)
class TalkDialogue:
    """One step on behalf of a person. `current` is the draft that this conversation is at; `now` is aware; the caller
    commits. Raises the errors of the services, whose sentences are the reply."""

    session: Session
    by: Actor
    person: Person
    practice: Practice
    kept_for: timedelta
    now: datetime
    current: TalkDraft | None

    @property
    def today(self) -> date:
        return local_day(self.now)

    @property
    def reminders(self) -> ReminderDefaults:
        return self.practice.casework.reminders

    def perform(self, operation: TalkOperation) -> Said:
        """A step of a talk that is being told."""
        if isinstance(operation, TellTalk):
            draft = self.as_saved(operation.draft)
            if operation.paused:
                return self.paused(draft)
            if operation.again and draft.asked is not None:
                return self.ask(draft, draft.asked)
            return self.go_on(draft, problem=operation.problem)
        entry_id = getattr(operation, "entry_id", "")
        said = self.step(operation, entry_id, self.draft(entry_id))
        if said.awaits is None and self.current is not None and self.current.entry_id != entry_id:
            return said.model_copy(update={"awaits": TellTalk(number=self.current.number, draft=self.current)})
        return said

    def step(self, operation: TalkOperation, entry_id: str, draft: TalkDraft | None) -> Said:
        """A tap in a talk, which need not be the one at hand: that one stays as it is."""
        if draft is None and isinstance(operation, ResumeTalk) and operation.told is not None:
            return self.begun(operation, operation.told)
        if draft is None:
            return self.not_open(operation, entry_id)
        match operation:
            case AnswerTalk(field=field, value=value):
                answered = told(draft, **{} if value is None else {field: value or None})
                passed = tuple(dict.fromkeys([*draft.passed, field]))
                return self.go_on(answered.draft.model_copy(update={"asked": None, "passed": passed}))
            case ToggleNeed(need=need):
                kept = [topic for topic in draft.topics if topic != need]
                topics = tuple(kept if need in draft.topics else [*kept, need])
                toggled = draft.model_copy(update={"topics": topics, "asked": "topics"})
                self.keep(toggled)
                return self.ask(toggled, "topics").model_copy(update={"in_place": True})
            case AskTalk(field=field):
                return self.ask(draft, field)
            case ChangeTalk():
                return self.menu(draft)
            case ResumeTalk():
                if draft.asked is None or missing_in(draft, draft.asked):
                    return self.go_on(draft)
                return self.go_on(told(draft, asked=None, passed=(*draft.passed, draft.asked)).draft)
            case DropTalk():
                drop_draft(self.session, person=self.person, kind=DRAFT_KIND + entry_id)
                text = "Die Änderung ist verworfen." if draft.saved else "Verworfen; gespeichert wurde nichts."
                back = resumed("Doch weitermachen", draft)
                return Said(text=text, rows=[[back]], numbers=numbers_of(draft))
            case SaveTalk(anyway=anyway):
                return self.save(draft, anyway=anyway)
        raise TypeError(operation)

    def begun(self, operation: ResumeTalk, draft: TalkDraft) -> Said:
        """A talk of which no newer draft is there: its beginning, unless it was saved since."""
        if draft.saved or not self.as_saved(draft).saved:
            return self.go_on(draft)
        if filled(draft) == ["number"]:
            return self.go_on(draft.model_copy(update={"entry_id": new_talk().draft.entry_id}))
        return self.not_open(operation, draft.entry_id)

    def draft(self, entry_id: str) -> TalkDraft | None:
        """The draft of this talk: the one at hand, or the one that was kept."""
        if self.current is not None and self.current.entry_id == entry_id:
            return self.as_saved(self.current)
        kept = draft_of(self.session, person=self.person, kind=DRAFT_KIND + entry_id, now=self.now)
        return None if kept is None else self.as_saved(TalkDraft.model_validate(kept.content))

    def as_saved(self, draft: TalkDraft) -> TalkDraft:
        """The draft; one that was saved in another conversation changes that entry from then on."""
        return draft if draft.saved or self.entry(draft.entry_id) is None else draft.model_copy(update={"saved": True})

    def entry(self, entry_id: str) -> Consultation | None:
        return self.session.exec(select(Consultation).where(Consultation.entry_id == entry_id)).first()

    def not_open(self, operation: TalkOperation, entry_id: str) -> Said:
        """A second tap on "Speichern" finds the entry saved; any other late tap is told so."""
        if isinstance(operation, SaveTalk) and self.entry(entry_id) is not None:
            return self.saved(consultation_for(self.session, by=self.by, entry_id=entry_id, day=self.today))
        return Said(text=GONE, rows=[[Choice(label="Letzte Beratungen", then=ShowTalks())]])

    def keep(self, draft: TalkDraft) -> None:
        """Keep the draft beyond this process where its case is consented to, and nowhere else: not in the case that it
        was about before."""
        kind = DRAFT_KIND + draft.entry_id
        case = self.case_at_hand(draft)
        if case is None:
            drop_draft(self.session, person=self.person, kind=kind)
            return
        content = draft.model_dump(mode="json")
        keep_draft(self.session, person=self.person, kind=kind, case=case, content=content, now=self.now)

    def case_at_hand(self, draft: TalkDraft) -> Case | None:
        """The draft's case, if it names one in which the person may act."""
        if draft.number is None:
            return None
        try:
            return case_for(self.session, by=self.by, number=draft.number, day=self.today)
        except (ConsentMissingError, NotYourCaseError):
            return None

    def go_on(self, draft: TalkDraft, *, problem: str = "") -> Said:
        """The next thing that is missing, else the summary."""
        if draft.number is not None:
            try:
                case_for(self.session, by=self.by, number=draft.number, day=self.today)
            except ConsentMissingError:
                return self.open_case(draft, draft.number)
            except NotYourCaseError as error:
                audit(
                    self.session, by=self.by, event="denied", detail="tell_talk", case_number=error.number, now=self.now
                )
                return self.ask(draft.model_copy(update={"number": None}), "number", problem=error.sentence)
        self.keep(draft)
        wrong = self.refused(draft)
        if wrong is not None:
            field = field_of(wrong)
            emptied = draft.model_copy(update={field: TalkDraft.model_fields[field].default})
            return self.ask(emptied, field, problem=wrong.sentence)
        if draft.asked is not None and (problem or missing_in(draft, draft.asked)):
            return self.ask(draft, draft.asked, problem=problem)
        missing = next((field for field in REQUIRED if missing_in(draft, field)), None)
        if missing is not None:
            return self.ask(draft, missing, problem=problem)
        step_by_step = len({*draft.passed} & {*REQUIRED}) >= STEPS
        if step_by_step and not draft.summed_up and not {"note", "next_steps"} & {*draft.passed, *filled(draft)}:
            return self.ask(draft, "note", problem=problem)
        return self.summary(draft, problem=problem)

    def open_case(self, draft: TalkDraft, number: str) -> Said:
        """Ask for the consent, or for the number that was meant; what was told is carried along and kept nowhere."""
        self.keep(draft)
        cases = CaseDialogue(self.session, self.by, self.person, self.practice, self.now)
        said = cases.open(OpenCase(number=number, talk=draft), number)
        other = resumed("Andere Fallnummer …", draft.model_copy(update={"number": None, "asked": "number"}))
        return said.model_copy(update={"rows": [*said.rows, [other]]})

    def refused(self, draft: TalkDraft) -> TalkRefusedError | None:
        """What cannot be of what was told so far; whatever is still missing is taken to be right."""
        needs, casework = self.practice.needs, self.practice.casework
        talk = Talk(
            day=draft.day or self.today,
            duration_min=casework.consultations.min_minutes if draft.duration_min is None else draft.duration_min,
            channel=draft.channel or needs.channels[0].id,
            topics=draft.topics or (needs.needs[0].title,),
            referral=draft.referral,
            follow_up=draft.follow_up,
        )
        try:
            check_talk(talk, needs=needs, casework=casework, now=self.now, kept_day=self.kept_day(draft))
        except TalkRefusedError as error:
            return error
        return None

    def kept_day(self, draft: TalkDraft) -> date | None:
        """The day of the entry that the draft changes. Raises as `consultation_for`."""
        if not draft.saved:
            return None
        return consultation_for(self.session, by=self.by, entry_id=draft.entry_id, day=self.today).day

    def ask(self, draft: TalkDraft, field: TalkField, *, problem: str = "") -> Said:
        """Ask for a field, with buttons where the answers are closed."""
        draft = draft.model_copy(update={"asked": field})
        number, entry_id = draft.number, draft.entry_id

        def answer(label: str, value: str | int | None) -> Choice:
            return Choice(label=label, then=AnswerTalk(number=number, entry_id=entry_id, field=field, value=value))

        bounds = self.practice.casework.consultations
        rows: list[list[Choice]] = []
        match field:
            case "number":
                cases = readable_cases(self.session, self.person, self.today)[:MOST_BUTTONS]
                rows = in_rows([answer(case.number, case.number) for case in cases], 2)
            case "day":
                yesterday = self.today - timedelta(days=1)
                rows = [[answer("Heute", self.today.isoformat()), answer("Gestern", yesterday.isoformat())]]
            case "duration_min":
                rows = in_rows([answer(f"{minutes} min", minutes) for minutes in bounds.usual_minutes], 3)
            case "channel":
                rows = in_rows([answer(title, id_) for id_, title in self.practice.layout.channels.items()], 2)
            case "topics":
                toggles = [
                    Choice(
                        label=f"{'✓ ' if need.title in draft.topics else ''}{need.title}",
                        then=ToggleNeed(number=number, entry_id=entry_id, need=need.title),
                    )
                    for need in self.practice.needs.needs
                ]
                rows = in_rows(toggles, 2)
                if draft.topics:
                    rows.append([Choice(label="Fertig", then=ResumeTalk(number=number, entry_id=entry_id))])
            case "referral":
                targets = [target for target in self.practice.needs.referrals if target.law][:MOST_REFERRALS]
                rows = in_rows([answer(target.title, target.title) for target in targets], 2)
            case "follow_up":
                days = [(weeks, self.today + timedelta(weeks=weeks)) for weeks in bounds.usual_weeks]
                rows = [[answer(f"in {weeks} W.", day.isoformat()) for weeks, day in days]]
        if field in OPTIONAL and missing_in(draft, field):
            rows.append([answer("Überspringen", None)])
        elif field in OPTIONAL:
            rows.append([answer("So lassen", None), answer("Entfernen", "")])
        text = " ".join(filter(None, [problem, QUESTIONS[field]]))
        if field == "number":
            text += f" Zum Beispiel {self.practice.casework.examples}."
        self.keep(draft)
        return Said(text=text, rows=rows, awaits=TellTalk(number=number, draft=draft), numbers=numbers_of(draft))

    def summary(self, draft: TalkDraft, *, problem: str = "") -> Said:
        """All that will be saved, and what the rules of the field have to say to it."""
        case = case_for(self.session, by=self.by, number=draft.number or "", day=self.today)
        draft = draft.model_copy(update={"asked": None, "summed_up": True})
        self.keep(draft)
        ids = {"number": draft.number, "entry_id": draft.entry_id}
        rows = [
            [
                Choice(label="Speichern", then=SaveTalk.model_validate(ids)),
                Choice(label="Ändern …", then=ChangeTalk.model_validate(ids)),
                Choice(label="Verwerfen", then=DropTalk.model_validate(ids)),
            ]
        ]
        lines = [problem] if problem else []
        lines += [
            f"{TITLES[field]}: {shown(draft, field, self.practice.layout)}"
            for field in filled(draft)
            if field != "number"
        ]
        cites = []
        if too_many_needs(draft.topics, form=case.form, facts=self.practice.facts):
            usual = self.practice.facts[MOST_NEEDS].text
            lines.append(
                f"\nBei einer Kurzberatung stehen in der Regel {usual} im Fokus. Ist das ein Case-Management-Fall?"
            )
            rows.append([Choice(label="Zu Case Management wechseln", then=self.switched(case))])
            cites.append(FORMS_ENTRY)
        title = f"{self.practice.casework.form_title(case.form)} {case.number}"
        awaits = TellTalk(number=draft.number, draft=draft)
        return Said(title=title, text="\n".join(lines), rows=rows, awaits=awaits, numbers=[case.number], cites=cites)

    def switched(self, case: Case) -> ChangeForm:
        other = next(form.id for form in self.practice.casework.counselling_forms if form.id != case.form)
        return ChangeForm(number=case.number, form=other)

    def save(self, draft: TalkDraft, *, anyway: bool) -> Said:
        if draft.asked is not None:  # something may have changed since the summary, so it is shown again
            return self.go_on(draft.model_copy(update={"asked": None}))
        case = self.case_to_save_in(draft)
        if case is None or draft.number is None:
            return self.go_on(draft)
        talk = talk_from(draft, form=case.form)
        if not anyway and not draft.saved:
            twin = looks_like_duplicate(
                self.session,
                case=case,
                talk=talk,
                casework=self.practice.casework,
                now=self.now,
                entry_id=draft.entry_id,
            )
            if twin is not None:
                ids = {"number": draft.number, "entry_id": draft.entry_id}
                return Said(
                    text=f"Zu {draft.number} gibt es schon etwas Ähnliches: {self.line(twin)}. Trotzdem speichern?",
                    rows=[
                        [Choice(label="Trotzdem speichern", then=SaveTalk.model_validate(ids | {"anyway": True}))],
                        [
                            Choice(label="Ändern …", then=ChangeTalk.model_validate(ids)),
                            Choice(label="Verwerfen", then=DropTalk.model_validate(ids)),
                        ],
                    ],
                    awaits=TellTalk(number=draft.number, draft=draft),
                    numbers=[draft.number],
                )
        before = self.entry(draft.entry_id)
        agreed = before.follow_up if before is not None else None
        store: Callable[..., Consultation] = edit_consultation if draft.saved else log_consultation
        entry = store(
            self.session,
            by=self.by,
            number=draft.number,
            entry_id=draft.entry_id,
            talk=talk,
            needs=self.practice.needs,
            casework=self.practice.casework,
            now=self.now,
        )
        drop_draft(self.session, person=self.person, kind=DRAFT_KIND + draft.entry_id)
        if entry.follow_up != agreed:
            keep_next_talk(self.session, by=self.by, case=case, entry=entry, defaults=self.reminders, now=self.now)
        return self.saved(entry)

    def case_to_save_in(self, draft: TalkDraft) -> Case | None:
        """The case of a draft that is complete and right as things stand now; none if something has to be asked."""
        incomplete = any(missing_in(draft, field) for field in REQUIRED) or self.refused(draft) is not None
        return None if incomplete else self.case_at_hand(draft)

    def saved(self, entry: Consultation) -> Said:
        """What was saved, what the standard asks for next, and that it belongs in the KIM-Datenbank today."""
        case = case_of(self.session, entry)
        count, least = count_for_case(self.session, case=case), least_talks(form=case.form, facts=self.practice.facts)
        lines = [f"Gespeichert zu {case.number}: {self.line(entry)}."]
        cites = [SAME_DAY_ENTRY]
        change = Choice(label="Ändern …", then=EditTalk(entry_id=entry.entry_id))
        new = entry.created_at == entry.updated_at  # undoing takes back the entry, not what was changed in it
        rows = [
            [Choice(label="Rückgängig", then=UndoTalk(entry_id=entry.entry_id)), change] if new else [change],
            [Choice(label="Ist übertragen", then=MarkTransferred(entry_ids=(entry.entry_id,)))],
        ]
        if least is not None:
            lines.append(f"Das war Gespräch {count}; Mindeststandard: {self.practice.facts[LEAST_TALKS].text}.")
            cites.insert(0, FORMS_ENTRY)
        few = least is not None and count < least
        if few and entry.follow_up is None:
            field: TalkField = "follow_up"
            rows.append(
                [Choice(label="Zweites Gespräch vormerken …", then=EditTalk(entry_id=entry.entry_id, asks=field))]
            )
        if entry.follow_up is not None and entry.follow_up > self.today:
            lines.append(f"An das nächste Gespräch am {entry.follow_up:%d.%m.%Y} erinnere ich Sie.")
        else:
            few_talks = few and entry.follow_up is None
            rows += [
                [one]
                for one in offered(
                    self.session, case=case, few_talks=few_talks, defaults=self.reminders, today=self.today
                )
            ]
        if entry.transferred_at is None:
            lines.append("Bitte heute noch in die KIM-Datenbank eintragen.")
        return Said(text="\n".join(lines), rows=rows, numbers=[case.number], cites=cites)

    def line(self, entry: Consultation) -> str:
        return line_of(entry, self.practice.layout)

    def paused(self, draft: TalkDraft) -> Said:
        self.keep(draft)
        return Said(
            text="Gut, ich warte. „weiter“ macht da weiter, wo wir sind.",
            rows=[[resumed("Weiter", draft)]],
            awaits=TellTalk(number=draft.number, draft=draft, paused=True),
            numbers=numbers_of(draft),
        )

    def menu(self, draft: TalkDraft) -> Said:
        """Which field to change; those not said can be added."""
        choices = [
            Choice(
                label=TITLES[field] if getattr(draft, field) else f"+ {TITLES[field]}",
                then=AskTalk(number=draft.number, entry_id=draft.entry_id, field=field),
            )
            for field in TITLES
        ]
        back = Choice(label="← Zur Übersicht", then=ResumeTalk(number=draft.number, entry_id=draft.entry_id))
        return Said(
            text="Was möchten Sie ändern oder ergänzen?",
            rows=[*in_rows(choices, 2), [back]],
            awaits=TellTalk(number=draft.number, draft=draft.model_copy(update={"asked": None})),
            numbers=numbers_of(draft),
        )

    def offered(self) -> Said | None:
        """A talk that was begun and not finished, offered again; none if there is none."""
        kept = newest_draft(self.session, person=self.person, kind=DRAFT_KIND, now=self.now)
        if kept is None:
            return None
        draft = TalkDraft.model_validate(kept.content)
        ids = {"number": draft.number, "entry_id": draft.entry_id}
        return Said(
            text=f"Zu {draft.number} gibt es noch eine angefangene Beratung.",
            rows=[
                [
                    Choice(label="Weiter", then=ResumeTalk.model_validate(ids)),
                    Choice(label="Verwerfen", then=DropTalk.model_validate(ids)),
                ]
            ],
            numbers=numbers_of(draft),
        )


def resumed(label: str, draft: TalkDraft) -> Choice:
    """A button that goes on with the newest draft of a talk, and with this one if there is none."""
    return Choice(label=label, then=ResumeTalk(number=draft.number, entry_id=draft.entry_id, told=draft))
