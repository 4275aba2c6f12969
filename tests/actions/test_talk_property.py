"""No sequence of messages and taps breaks a talk, saves it twice or otherwise than it was shown, or without consent."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlmodel import Session, col, select

from actions.access import OPERATOR
from actions.cases import close_case, hand_over, open_case, reopen_case, withdraw_consent
from actions.drafts import KEPT_FOR, drop_old_drafts
from actions.operations import Choice, EditTalk, ResumeTalk, Said, SaveTalk, TalkDraft, TalkField, TellTalk
from actions.people import enrol
from actions.store.engine import open_store
from actions.store.models import Case, Consultation, Draft, Role
from actions.talk_dialogue import DRAFT_KIND
from actions.talk_fields import TITLES
from actions.transfer import purge
from tests.actions.conftest import named, practice
from tests.actions.telling import KEPT_FOR as TRANSFERRED_FOR
from tests.actions.telling import Conversation

BEGIN = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ALIASES = ["lotse-1", "lotse-2"]
PLACES = {"telegram": "lotse-1", "terminal": "lotse-1", "colleague": "lotse-2"}
"""Conversations and whose they are."""
NUMBERS = ["KIM-1042", "KIM-1043", "KIM-2026-0042"]
aliases = st.sampled_from(ALIASES)
places = st.sampled_from(["telegram", "telegram", "telegram", "terminal", "colleague"])
numbers = st.sampled_from(NUMBERS)
TOLD = [
    "kurzberatung kim 1042 heute 20 min telefon, wohnung und sprachkurs, termin bei vhs ausgemacht",
    "kurzberatung kim 1042 heute 20 min telefon, wohnung",
    "kb 1043 gestern 45 min video, miete, b1 kurs und schulden",
    "beratung kim-2026-0042 am 31.02. 20 min telefon",
    "kim 1042 und kim 1043 heute 15 min per mail, arbeit",
    "kurzberatung heute 30 min, an jobcenter verwiesen, wv in 2 wochen",
    "kurzberatung eintragen",
]
ANSWERS = [
    "1042", "kim 1043", "KIM-2026-0042", "kim 1042 oder kim 1043", "heute", "gestern", "31.02.", "morgen",
    "am 1.8.2026", "20", "0", "900", "9999", "ne halbe std", "telefon", "video", "miete und schulden", "b1 kurs",
    "wohnungssuche familie", "siehe KIM-1043", "an jc", "in 2 wochen", "doch 30 min", "kam zu spät, 5 min",
    "zurück", "moment", "weiter", "überspringen", "nichts", "abbrechen", "speichern", "trotzdem speichern", "nein",
    "ja", "ja, heute", "kurzberatung", "wie lange gilt das?", "danke",
]  # fmt: skip
RIGHT: dict[TalkField, list[str]] = {
    "number": ["1042", "1043"],
    "day": ["heute", "gestern"],
    "duration_min": ["20", "45 min"],
    "channel": ["telefon", "video"],
    "topics": ["miete", "b1 kurs und schulden"],
    "note": ["kam zu spät", "Ehefrau von KIM-1043"],
    "next_steps": ["ruft an, auch bei KIM-2026-0042", "überspringen"],
    "referral": ["an jc", "keine"],
    "gap": ["kein Abendkurs", "weiter"],
    "follow_up": ["in 2 wochen", "nein"],
}
ABOUT = [
    ("edit_entry", "zeig meine letzten beratungen"),
    ("edit_entry", "bei der letzten beratung waren es 24 min"),
    ("edit_entry", "die beratung von kim 1043 war per video"),
    ("edit_entry", "lösch die von eben"),
    ("edit_entry", "rückgängig"),
    ("pending", "was muss ich noch übertragen?"),
    ("export", "export"),
    ("case", "meine fälle"),
    ("case", "kim 1042"),
    ("case", "fall anlegen kim-2026-0042"),
]
AGAIN = ["Speichern", "Speichern", "Trotzdem speichern", "Weiter", "Doch weitermachen", "Beratung eintragen"]


class Talks(RuleBasedStateMachine):
    """Two people, one of them in two conversations, over the services and a real store."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.engine = open_store(self.folder / "lotse.db")
        self.session = Session(self.engine)
        self.talks: dict[str, Conversation] = {}
        self.heard: dict[str, list[Said]] = {alias: [] for alias in ALIASES}
        self.now = BEGIN

    @initialize()
    def begin(self) -> None:
        for alias in ALIASES:
            enrol(self.session, channel="telegram", address=alias, alias=alias, role=Role.CASE_MANAGER)
            self.session.commit()
        for place, alias in PLACES.items():
            self.talks[place] = Conversation(self.session, named(self.session, alias))
        for alias, number in zip(ALIASES, NUMBERS, strict=False):
            self.consent(alias, number)

    # What people do

    @rule(place=places, text=st.sampled_from(TOLD))
    def tell(self, place: str, text: str) -> None:
        self.turn(place, lambda talk: talk.says(text))

    @rule(place=places, texts=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3))
    def answer(self, place: str, texts: list[str]) -> None:
        for text in texts:
            self.turn(place, lambda talk, text=text: talk.says(text, is_question=lambda typed: typed.endswith("?")))

    @rule(place=places, text=st.text(max_size=30))
    def type_anything(self, place: str, text: str) -> None:
        self.turn(place, lambda talk: talk.says(text))

    @rule(place=places, about=st.sampled_from(ABOUT))
    def ask(self, place: str, about: tuple[str, str]) -> None:
        self.turn(place, lambda talk: talk.says(about[1], intent=about[0]))

    @rule(place=places, picks=st.lists(st.integers(0, 1), min_size=1, max_size=5))
    def answer_what_is_asked(self, place: str, picks: list[int]) -> None:
        for pick in picks:
            current = self.talks[place].current
            if current is not None and current.draft.asked is not None:
                text = RIGHT[current.draft.asked][pick]
                self.turn(place, lambda talk, text=text: talk.says(text))

    @rule(
        place=places,
        field=st.sampled_from([*sorted(RIGHT), "topics", "topics", "topics"]),
        pick=st.integers(0, 1),
        by_tap=st.booleans(),
        and_save=st.booleans(),
    )
    def change(self, place: str, field: TalkField, pick: int, by_tap: bool, and_save: bool) -> None:
        talk = self.talks[place]
        if not {"Ändern …", "Speichern"} <= {choice.label for choice in talk.shown}:
            return
        save = talk.button("Speichern")
        self.turn(place, lambda talk: talk.taps("Ändern …"))
        label = next((label for label in talk.labels if label.removeprefix("+ ") == TITLES[field]), None)
        if label is not None:
            self.turn(place, lambda talk: talk.taps(label))
            if by_tap and talk.buttons:
                self.turn(place, lambda talk: talk.tapped(talk.buttons[pick % len(talk.buttons)]))
            else:
                self.answer_what_is_asked(place, [pick])
        if and_save:
            self.tapped(place, save)

    @rule(text=st.sampled_from(["doch 30 min", "per video", "war gestern"]))
    def save_here_and_there(self, text: str) -> None:
        """The same talk in two conversations of one person, put right in the one that comes second."""
        if self.newest_draft(PLACES["terminal"]) is None:
            return
        self.restart("telegram")
        self.restart("terminal")
        for place in ("terminal", "telegram"):
            current = self.talks[place].current
            if current is not None and current.draft.summed_up and "Speichern" in self.talks[place].labels:
                if place == "telegram":
                    self.turn(place, lambda talk: talk.says(text))
                self.turn(place, lambda talk: talk.taps("Speichern"))

    @rule(place=places, data=st.data())
    def tap(self, place: str, data: st.DataObject) -> None:
        """One of the buttons below the last reply."""
        talk = self.talks[place]
        if talk.heard and talk.buttons:
            choice = talk.buttons[data.draw(st.integers(0, len(talk.buttons) - 1))]
            self.tapped(place, choice)

    @rule(place=places, label=st.sampled_from(AGAIN), twice=st.booleans())
    def tap_again(self, place: str, label: str, twice: bool) -> None:
        if label in [choice.label for choice in self.talks[place].shown]:
            choice = self.talks[place].button(label)
            for _ in range(1 + twice):
                self.tapped(place, choice)

    @rule(place=places, data=st.data(), twice=st.booleans())
    def tap_late(self, place: str, data: st.DataObject, twice: bool) -> None:
        """Any button that was ever shown."""
        shown = self.talks[place].shown
        if shown:
            choice = shown[data.draw(st.integers(0, len(shown) - 1))]
            for _ in range(1 + twice):
                self.tapped(place, choice)

    def tapped(self, place: str, choice: Choice) -> None:
        """A tap; one that goes on with the talk at hand takes nothing of it away."""
        before = self.talks[place].current
        self.turn(place, lambda talk: talk.tapped(choice))
        after = self.talks[place].current
        if before and after and isinstance(choice.then, ResumeTalk) and choice.then.entry_id == before.draft.entry_id:
            assert differing(after.draft, before.draft) in ([], [after.draft.asked])

    @rule(place=places)
    def restart(self, place: str) -> None:
        """Only the store remains; what is offered goes on with all that was entered."""
        talk, newest = self.talks[place], self.newest_draft(PLACES[place])
        talk.now = self.now
        assert (talk.restarts() is None) == (newest is None)
        if newest is None:
            return
        self.turn(place, lambda talk: talk.taps("Weiter"))
        assert talk.current is not None
        after = talk.current.draft
        assert after.entry_id == newest.entry_id
        assert differing(after, newest) in ([], [after.asked]), (
            "only a day that is too long ago by now is asked for again"
        )

    def newest_draft(self, alias: str) -> TalkDraft | None:
        """By the table itself."""
        me = named(self.session, alias)
        drafts = select(Draft).join(Case).where(Draft.person_id == me.id, Case.owner_id == me.id)
        fresh = drafts.where(col(Draft.updated_at) > self.now - KEPT_FOR)
        found = self.session.exec(fresh.order_by(col(Draft.updated_at).desc())).first()
        return None if found is None else TalkDraft.model_validate(found.content)

    # What happens around them

    @rule(alias=aliases, number=numbers)
    def consent(self, alias: str, number: str) -> None:
        if self.case(number) is None:
            open_case(
                self.session,
                by=OPERATOR,
                owner=named(self.session, alias),
                number=number,
                form="short",
                started_on=BEGIN.date(),
                signed_on=BEGIN.date(),
                now=self.now,
            )
            self.session.commit()

    @rule(number=numbers, heard_of=st.booleans())
    def withdraw(self, number: str, heard_of: bool) -> None:
        """Conversations forget the case as the chain has them do, unless another process has them."""
        case = self.case(number)
        if case is None:
            return
        withdraw_consent(self.session, by=OPERATOR, case=case, now=self.now)
        self.session.commit()
        for talk in self.talks.values():
            if heard_of and getattr(talk.awaits, "number", None) == number:
                talk.awaits = None

    @rule(number=numbers)
    def close_or_reopen(self, number: str) -> None:
        case = self.case(number)
        if case is not None:
            change = close_case if case.closed_on is None else reopen_case
            change(self.session, by=OPERATOR, case=case, now=self.now)
            self.session.commit()

    @rule(number=numbers)
    def give_away(self, number: str) -> None:
        case = self.case(number)
        if case is not None:
            first, second = (named(self.session, alias) for alias in ALIASES)
            to = second if case.owner_id == first.id else first
            hand_over(self.session, by=OPERATOR, case=case, to=to, now=self.now)
            self.session.commit()

    @rule(span=st.sampled_from([timedelta(minutes=1), timedelta(minutes=11), timedelta(hours=25), timedelta(days=31)]))
    def time_passes(self, span: timedelta) -> None:
        self.now += span
        drop_old_drafts(self.session, now=self.now)
        purge(self.session, kept_for=TRANSFERRED_FOR, now=self.now)
        self.session.commit()

    def case(self, number: str) -> Case | None:
        return self.session.exec(select(Case).where(Case.number == number)).first()

    # What must hold of every turn, and at any time

    def turn(self, place: str, step: Callable[[Conversation], Said]) -> None:
        """An entry comes or changes one at a time, when it is said so; what is told is kept at once."""
        talk, before = self.talks[place], self.saved()
        self.now += timedelta(seconds=1)
        talk.now, heard, at_hand = self.now, len(talk.heard), talk.current
        step(talk)
        after = self.saved()
        different = {entry_id for entry_id, entry in after.items() if before.get(entry_id) != entry}
        said = {saved_in(one) for one in talk.heard[heard:] if one.text.startswith("Gespeichert zu")}
        assert len(different) <= 1
        assert different <= said
        own = self.heard[PLACES[place]]
        own += talk.heard[heard:]
        for entry_id in different | (said & {at_hand.draft.entry_id} if at_hand else set()):
            summaries = (last_summary(talk.heard, entry_id), last_summary(own, entry_id))
            assert any(one is not None and shows(one, *after[entry_id]) for one in summaries)
        if talk.current is not None and talk.current != at_hand:
            self.kept(PLACES[place], talk.current.draft)

    def kept(self, alias: str, draft: TalkDraft) -> None:
        """All that was told stands in the store, if its case is the person's."""
        me, case = named(self.session, alias), self.case(draft.number or "")
        row = self.session.get(Draft, (me.id, f"{DRAFT_KIND}{draft.entry_id}"))
        if case is None or case.owner_id != me.id:
            assert row is None
            return
        assert row is not None
        stored = TalkDraft.model_validate(row.content)
        assert differing(stored, draft) in ([], [draft.asked])

    def saved(self) -> dict[str, tuple[str, str]]:
        """Every entry in the store: its case, and what a summary of it has to say."""
        self.session.expire_all()
        found = self.session.exec(select(Consultation, Case).join(Case)).all()
        assert len(found) == len({entry.entry_id for entry, _ in found})
        return {entry.entry_id: (case.number, in_words(entry)) for entry, case in found}

    @invariant()
    def nothing_is_stored_but_of_a_case_with_consent_and_in_that_case(self) -> None:
        self.session.expire_all()
        on_record = {case.id: case.number for case in self.session.exec(select(Case))}
        for draft in self.session.exec(select(Draft)):
            assert draft.content["number"] == on_record[draft.case_id]
            assert not [number for number in NUMBERS if number in str(draft.content | {"number": ""})]
        for entry in self.session.exec(select(Consultation)):
            assert entry.case_id in on_record
            assert not [number for number in NUMBERS if number in in_words(entry)]

    @invariant()
    def what_is_awaited_can_travel(self) -> None:
        for talk in self.talks.values():
            assert all(said.text for said in talk.heard[-3:])
            if isinstance(talk.awaits, TellTalk):
                assert TellTalk.model_validate(talk.awaits.model_dump(mode="json")) == talk.awaits
                assert talk.awaits.number == talk.awaits.draft.number

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        shutil.rmtree(self.folder)


def in_words(entry: Consultation) -> str:
    """What a summary has to say of an entry."""
    lines = [
        f"Datum: {entry.day:%d.%m.%Y}",
        f"Dauer: {entry.duration_min} min",
        f"Kontaktart: {practice().layout.channel_title(entry.channel)}",
        f"Bedarfe: {', '.join(entry.topics)}",
    ]
    lines += [f"Notiz: {entry.note}"] if entry.note else []
    lines += [f"Nächste Schritte: {entry.next_steps}"] if entry.next_steps else []
    lines += [f"Verweis: {entry.referral}"] if entry.referral else []
    lines += [f"Lücke im Angebot: {entry.gap}"] if entry.gap else []
    lines += [f"Wiedervorlage: {entry.follow_up:%d.%m.%Y}"] if entry.follow_up else []
    return "\n".join(lines)


def last_summary(heard: list[Said], entry_id: str) -> Said | None:
    """The last one of this talk with a button to save it."""

    def saves(choice: Choice) -> bool:
        return choice.label == "Speichern" and isinstance(choice.then, SaveTalk) and choice.then.entry_id == entry_id

    return next((said for said in reversed(heard) if any(saves(choice) for row in said.rows for choice in row)), None)


def shows(summary: Said, number: str, words: str) -> bool:
    """Whether a summary shows this and nothing else."""
    _, found, rest = summary.text.partition(words)
    return (
        bool(found) and summary.title.endswith(number) and (not rest or rest.startswith("\n\nBei einer Kurzberatung"))
    )


def differing(one: TalkDraft, other: TalkDraft) -> list[TalkField]:
    return [field for field in TITLES if getattr(one, field) != getattr(other, field)]


def saved_in(said: Said) -> str | None:
    """The entry of which a reply says that it is saved."""
    return next(choice.then.entry_id for row in said.rows for choice in row if isinstance(choice.then, EditTalk))


Talks.TestCase.settings = settings(max_examples=120, stateful_step_count=40, derandomize=True, deadline=None)
TestTalks = pytest.mark.timeout(120)(Talks.TestCase)
