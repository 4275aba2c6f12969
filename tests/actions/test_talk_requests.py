"""What is typed about a talk: what begins one, what answers the question asked, what is about something else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from actions.operations import (
    AnyOperation,
    AskDeleteTalk,
    DropTalk,
    EditTalk,
    ExportTalks,
    ListPending,
    ResumeTalk,
    Said,
    SaveTalk,
    ShareCaseload,
    ShowCaseload,
    ShowTalks,
    TalkDraft,
    TalkField,
    TellTalk,
    UndoTalk,
)
from actions.requests import requests_of
from actions.talk_requests import OPTIONAL, looks_like_a_question, new_talk, without_command
from tests.actions.conftest import practice

NOW = datetime.fromisoformat("2026-11-23T10:30:00+01:00")
"""A Monday."""
TODAY, YESTERDAY = date(2026, 11, 23), date(2026, 11, 22)
N, OTHER = "KIM-1042", "KIM-1043"
REQUESTS = requests_of(practice()).talks
WHOLE = TalkDraft(
    entry_id="e1", number=N, day=TODAY, duration_min=20, channel="telefon", topics=("Wohnen",), summed_up=True
)
ALL_FIELDS: list[TalkField] = [
    "number", "day", "duration_min", "channel", "topics", "note", "next_steps", "referral", "gap", "follow_up"
]  # fmt: skip


def asked_for(field: TalkField, **said: Any) -> TalkDraft:
    return TalkDraft(entry_id="e1", asked=field, **({"number": N} if field != "number" else {}) | said)


def answered(draft: TalkDraft, text: str, *, question: bool = False, paused: bool = False) -> AnyOperation | None:
    awaited = TellTalk(number=draft.number, draft=draft, paused=paused)
    return REQUESTS.answer(awaited, text, NOW, is_question=lambda _: question)


def told(draft: TalkDraft, text: str) -> TellTalk:
    operation = answered(draft, text)
    assert isinstance(operation, TellTalk)
    return operation


class TestBeginning:
    def test_one_sentence_fills_all_it_says(self) -> None:
        text = "kurzberatung kim 1042 gestern 20 min telefon, wohnung und sprachkurs, termin bei vhs ausgemacht"
        operation = REQUESTS.begin(text, NOW)
        assert isinstance(operation, TellTalk)
        draft = operation.draft
        assert (operation.number, draft.number, draft.day, draft.duration_min) == (N, N, YESTERDAY, 20)
        assert (draft.channel, draft.topics, draft.next_steps) == (
            "telefon",
            ("Wohnen", "Sprache"),
            "termin bei vhs ausgemacht",
        )

    @pytest.mark.parametrize("text", ["kurzberatung", "bitte eine neue Beratung eintragen", "kb für Fall erfassen"])
    def test_a_bare_command_says_nothing(self, text: str) -> None:
        operation = REQUESTS.begin(text, NOW)
        assert isinstance(operation, TellTalk)
        assert operation.draft == TalkDraft(entry_id=operation.draft.entry_id)

    def test_every_talk_has_an_id_of_its_own(self) -> None:
        assert new_talk().draft.entry_id != new_talk().draft.entry_id

    @pytest.mark.parametrize(
        ("when", "why"), [("am 31.02.", "gibt es nicht"), ("morgen", "liegt in der Zukunft"), ("am 32.1.", "gibt es")]
    )
    def test_a_day_that_cannot_be_is_named_and_the_rest_is_kept(self, when: str, why: str) -> None:
        operation = REQUESTS.begin(f"kurzberatung kim 1042 {when} 20 min telefon", NOW)
        assert isinstance(operation, TellTalk)
        assert why in operation.problem
        assert (operation.draft.day, operation.draft.duration_min, operation.draft.channel) == (None, 20, "telefon")

    def test_of_two_cases_each_gets_a_talk_of_its_own(self) -> None:
        said = REQUESTS.begin("kurzberatung kim 1042 und kim 1043 heute 20 min telefon", NOW)
        assert isinstance(said, Said)
        thens = [row[0].then for row in said.rows]
        assert all(isinstance(then, ResumeTalk) and then.told is not None for then in thens)
        assert [then.told.number for then in thens if isinstance(then, ResumeTalk) and then.told] == [N, OTHER]
        assert len({then.entry_id for then in thens if isinstance(then, ResumeTalk)}) == 2
        assert isinstance(said.awaits, TellTalk)
        assert (said.awaits.draft.asked, said.awaits.draft.duration_min) == ("number", 20)
        assert said.numbers == [N, OTHER]


class TestAnswers:
    @pytest.mark.parametrize(
        ("field", "text", "value"),
        [
            ("number", "1042", N),
            ("number", "KIM_1042", N),
            ("number", "fall 1042", N),
            ("day", "heute", TODAY),
            ("day", "gestern", YESTERDAY),
            ("day", "am 20.11.", date(2026, 11, 20)),
            ("duration_min", "20", 20),
            ("duration_min", " 20 ", 20),
            ("duration_min", "ne halbe std", 30),
            ("duration_min", "von 10 bis 10:45", 45),
            ("channel", "video", "video"),
            ("channel", "am Telefon", "telefon"),
            ("channel", "per mail", "email"),
            ("topics", "b1 kurs", ("Sprache",)),
            ("topics", "miete und schulden", ("Wohnen", "Finanzen/Leistungen")),
            ("note", "wohnungssuche familie", "wohnungssuche familie"),
            ("note", "hat gestern 20 min gewartet", "hat gestern 20 min gewartet"),
            ("next_steps", "ruft morgen an", "ruft morgen an"),
            ("gap", "kein Kurs am Abend", "kein Kurs am Abend"),
            ("referral", "jobcenter", "Jobcenter"),
            ("referral", "an die ABH", "Ausländerbehörde"),
            ("referral", "jc", "Jobcenter"),
            ("referral", "Agentur für Arbeit", "Agentur für Arbeit"),
            ("follow_up", "in 2 wochen", date(2026, 12, 7)),
            ("follow_up", "1.12.", date(2026, 12, 1)),
        ],
    )
    def test_the_field_asked_for_is_filled_and_passed(self, field: TalkField, text: str, value: object) -> None:
        draft = told(asked_for(field), text).draft
        assert getattr(draft, field) == value
        assert (draft.asked, draft.passed) == (None, (field,))

    @pytest.mark.parametrize(
        ("field", "text", "value"),
        [
            ("number", "1043", OTHER),
            ("day", "gestern", YESTERDAY),
            ("duration_min", "45", 45),
            ("channel", "video", "video"),
            ("referral", "jc", "Jobcenter"),
            ("follow_up", "in 2 wochen", date(2026, 12, 7)),
            ("note", "neu", "neu"),
        ],
    )
    def test_a_field_that_is_asked_again_takes_the_new_answer(self, field: TalkField, text: str, value: object) -> None:
        before = {"referral": "JMD", "follow_up": date(2026, 11, 30), "note": "alt", "asked": field}
        assert getattr(told(WHOLE.model_copy(update=before), text).draft, field) == value

    def test_needs_typed_are_added_to_those_chosen(self) -> None:
        assert told(WHOLE.model_copy(update={"asked": "topics"}), "schulden").draft.topics == (
            "Wohnen",
            "Finanzen/Leistungen",
        )

    def test_an_answer_may_fill_more_than_was_asked_for(self) -> None:
        draft = told(asked_for("day"), "gestern, 20 min am telefon wegen miete").draft
        assert (draft.day, draft.duration_min, draft.channel, draft.topics) == (YESTERDAY, 20, "telefon", ("Wohnen",))

    def test_something_else_is_kept_and_the_question_stays(self) -> None:
        draft = told(asked_for("day"), "20 min").draft
        assert (draft.asked, draft.duration_min, draft.passed) == ("day", 20, ())

    @pytest.mark.parametrize(
        ("field", "text", "why"),
        [
            ("day", "31.02.", "gibt es nicht"),
            ("day", "morgen", "liegt in der Zukunft"),
            ("day", "in 2 wochen", "liegt in der Zukunft"),
            ("follow_up", "31.02.", "gibt es nicht"),
            ("follow_up", "gestern", "ist schon vorbei"),
            ("duration_min", "31.02.", "gibt es nicht"),
            ("number", "kim 1042 oder kim 1043", "einen Fall nach dem anderen"),
        ],
    )
    def test_what_cannot_be_is_named_and_asked_again(self, field: TalkField, text: str, why: str) -> None:
        draft = WHOLE.model_copy(update={"asked": field})
        operation = told(draft, text)
        assert why in operation.problem
        assert operation.draft == draft

    def test_a_wrong_day_does_not_take_the_rest_of_the_answer_with_it(self) -> None:
        operation = told(asked_for("day"), "am 31.02. 20 min")
        assert "gibt es nicht" in operation.problem
        assert (operation.draft.asked, operation.draft.day, operation.draft.duration_min) == ("day", None, 20)

    @pytest.mark.parametrize("text", ["0", "900", "9999"])
    def test_minutes_are_taken_as_said_for_the_service_to_judge(self, text: str) -> None:
        assert told(asked_for("duration_min"), text).draft.duration_min == int(text)

    @pytest.mark.parametrize("field", [field for field in ALL_FIELDS if field not in ("note", "next_steps", "gap")])
    @pytest.mark.parametrize("text", ["hm", "danke", "asdf", "!!!", "", "²", "zu fuß"])
    def test_what_is_no_answer_changes_nothing(self, field: TalkField, text: str) -> None:
        assert answered(asked_for(field), text) is None

    @pytest.mark.parametrize("field", ALL_FIELDS)
    def test_a_rule_question_is_no_answer(self, field: TalkField) -> None:
        assert answered(asked_for(field), "gilt das gestern 20 min auch am telefon?", question=True) is None


class TestWordsForTheDialogue:
    @pytest.mark.parametrize("field", [*ALL_FIELDS, None])
    @pytest.mark.parametrize("text", ["abbrechen", "Stopp!", "vergiss es", "lass gut sein"])
    def test_stopping(self, field: TalkField | None, text: str) -> None:
        draft = WHOLE.model_copy(update={"asked": field})
        assert answered(draft, text) == DropTalk(number=N, entry_id="e1")

    @pytest.mark.parametrize("field", [*ALL_FIELDS, None])
    @pytest.mark.parametrize("text", ["moment", "Moment mal", "warte.", "gleich"])
    def test_waiting_and_going_on_lose_nothing(self, field: TalkField | None, text: str) -> None:
        draft = WHOLE.model_copy(update={"asked": field, "note": "alt", "referral": "JMD"})
        assert answered(draft, text) == TellTalk(number=N, draft=draft, paused=True)
        assert answered(draft, "weiter", paused=True) == TellTalk(number=N, draft=draft, again=field is not None)

    @pytest.mark.parametrize("text", ["zurück", "Einen Schritt zurück", "zurueck!"])
    def test_going_back_asks_for_the_field_before(self, text: str) -> None:
        draft = asked_for("duration_min", passed=("number", "day"), day=TODAY)
        back = told(draft, text)
        assert (back.again, back.draft.asked, back.draft.passed) == (True, "day", ("number",))
        first = told(told(back.draft, text).draft, text)
        assert (first.again, first.draft.asked, first.draft.passed) == (True, "number", ())
        assert (first.draft.number, first.draft.day) == (N, TODAY)

    @pytest.mark.parametrize("field", sorted(OPTIONAL))
    @pytest.mark.parametrize("text", ["überspringen", "weiter", "nein", "Nein danke", "nee."])
    def test_skipping_leaves_the_field_as_it_is(self, field: TalkField, text: str) -> None:
        value = date(2026, 12, 1) if field == "follow_up" else "alt"
        for before in (None, value):
            draft = told(asked_for(field, **{field: before}), text).draft
            assert (getattr(draft, field), draft.asked, draft.passed) == (before, None, (field,))

    @pytest.mark.parametrize("field", sorted(OPTIONAL))
    @pytest.mark.parametrize("text", ["nichts", "keine", "-", "entfernen"])
    def test_nothing_empties_the_field(self, field: TalkField, text: str) -> None:
        value = date(2026, 12, 1) if field == "follow_up" else "alt"
        assert getattr(told(asked_for(field, **{field: value}), text).draft, field) is None

    @pytest.mark.parametrize("field", [field for field in ALL_FIELDS if field not in OPTIONAL])
    def test_what_is_needed_cannot_be_skipped(self, field: TalkField) -> None:
        assert answered(asked_for(field), "überspringen") is None
        assert told(asked_for(field), "weiter").draft == asked_for(field)

    @pytest.mark.parametrize(
        ("text", "anyway"),
        [("speichern", False), ("ja, speichern", False), ("passt so", False), ("trotzdem speichern", True)],
    )
    def test_saving_by_a_word_from_the_summary_only(self, text: str, anyway: bool) -> None:
        assert answered(WHOLE, text) == SaveTalk(number=N, entry_id="e1", anyway=anyway)
        assert not isinstance(answered(WHOLE.model_copy(update={"summed_up": False}), text), SaveTalk)
        assert not isinstance(answered(WHOLE.model_copy(update={"asked": "note"}), text), SaveTalk)


class TestAtTheSummary:
    @pytest.mark.parametrize(
        ("text", "field", "value"),
        [
            ("doch 30 min", "duration_min", 30),
            ("nein, per video", "channel", "video"),
            ("war gestern", "day", YESTERDAY),
            ("kim 1043", "number", OTHER),
        ],
    )
    def test_one_thing_is_put_right(self, text: str, field: str, value: object) -> None:
        assert told(WHOLE, text).draft == WHOLE.model_copy(update={field: value})

    @pytest.mark.parametrize("text", ["danke", "ok", "nein", "hm", "asdf"])
    def test_other_words_change_nothing(self, text: str) -> None:
        assert answered(WHOLE, text) is None


class TestAnotherCase:
    """A message about another case must never end up in this one."""

    @pytest.mark.parametrize("field", [*[field for field in ALL_FIELDS if field != "number"], None])
    @pytest.mark.parametrize(
        "text",
        [
            "kurzberatung kim 1043 gestern 40 min video, arbeit, kam zu spät",
            "1043: kim 1043 vorhin 15 min am telefon",
            "kim 1043 und kim 1044 gestern 40 min",
        ],
    )
    def test_its_talk_is_no_answer(self, field: TalkField | None, text: str) -> None:
        assert answered(WHOLE.model_copy(update={"asked": field}), text) is None

    @pytest.mark.parametrize("field", ["day", "duration_min", "channel", "topics", "referral", "follow_up"])
    def test_its_number_is_no_answer_to_another_question(self, field: TalkField) -> None:
        assert answered(WHOLE.model_copy(update={"asked": field}), "kim 1043") is None

    @pytest.mark.parametrize("field", ["note", "next_steps", "gap"])
    def test_its_number_does_not_stay_in_a_free_text(self, field: TalkField) -> None:
        draft = told(WHOLE.model_copy(update={"asked": field}), "Ehefrau von KIM-1043 war dabei").draft
        assert getattr(draft, field) == "Ehefrau von [FALL] war dabei"

    def test_the_same_number_again_is_fine(self) -> None:
        assert told(asked_for("day"), "kim 1042 gestern 15 min").draft.day == YESTERDAY


class TestSavedEntries:
    @pytest.mark.parametrize(
        ("intent", "text", "operation"),
        [
            ("pending", "was muss ich noch übertragen?", ListPending()),
            ("export", "export", ExportTalks(pending_only=True)),
            ("export", "alles exportieren", ExportTalks(pending_only=False)),
            ("caseload", "wie ist meine auslastung?", ShowCaseload()),
            ("caseload", "auslastung mit der koordination teilen", ShareCaseload(shared=True)),
            ("caseload", "auslastung nicht mehr teilen", ShareCaseload(shared=False)),
            ("edit_entry", "zeig meine letzten beratungen", ShowTalks()),
            ("edit_entry", "lösch die von eben", AskDeleteTalk()),
            ("edit_entry", "lösch die beratung von kim 1043", AskDeleteTalk(number=OTHER)),
            ("edit_entry", "mach das rückgängig", UndoTalk()),
            ("edit_entry", "nimm die von kim 1043 zurück", UndoTalk(number=OTHER)),
        ],
    )
    def test_what_is_meant(self, intent: str, text: str, operation: AnyOperation) -> None:
        assert REQUESTS.about_entries(intent, text, NOW) == operation

    @pytest.mark.parametrize(
        ("text", "changes"),
        [
            ("bei der letzten beratung waren es 24 min", {"duration_min": 24}),
            ("die letzte beratung war per video", {"channel": "video"}),
            ("ändere die notiz der letzten beratung", {}),
        ],
    )
    def test_a_change_takes_what_is_said_and_not_the_command_as_a_note(
        self, text: str, changes: dict[str, object]
    ) -> None:
        expected = TalkDraft.model_validate({"entry_id": ""} | changes)
        assert REQUESTS.about_entries("edit_entry", text, NOW) == EditTalk(changes=expected)

    @pytest.mark.parametrize(
        ("text", "day", "changed"),
        [
            ("ändere die beratung von gestern auf 30 min", YESTERDAY, None),
            ("lösch das gespräch vom 20.11.", date(2026, 11, 20), None),
            ("ändere das datum auf gestern", None, YESTERDAY),
        ],
    )
    def test_the_day_of_the_talk_meant_is_no_change_of_its_day(
        self, text: str, day: date | None, changed: date | None
    ) -> None:
        operation = REQUESTS.about_entries("edit_entry", text, NOW)
        assert isinstance(operation, EditTalk | AskDeleteTalk)
        assert operation.day == day
        if isinstance(operation, EditTalk):
            assert operation.changes is not None
            assert operation.changes.day == changed

    def test_a_number_says_whose_entry_is_meant_and_moves_none(self) -> None:
        operation = REQUESTS.about_entries("edit_entry", "ändere die beratung von kim 1043 auf 30 min", NOW)
        assert operation == EditTalk(number=OTHER, changes=TalkDraft(entry_id="", duration_min=30))


@pytest.mark.parametrize(
    ("text", "question"),
    [("gilt das auch bei asyl?", True), ("wie lange gilt das", True), ("wohnungssuche familie", False), ("", False)],
)
def test_a_question_is_told_by_its_shape(text: str, question: bool) -> None:
    assert looks_like_a_question(text, ["wie", "was"]) is question


def test_words_beyond_the_command_are_kept() -> None:
    assert without_command("Beratung eintragen, bitte") is None
    assert without_command("Beratung zum Kurs eintragen") == "Beratung zum Kurs eintragen"


WORDS = (
    "kim-1042 kim-1043 1042 gestern morgen heute 31.02. 12.03.2026 20 min 0 900 telefon video miete schulden b1 kurs "
    "jobcenter wv in 2 wochen notiz: kam zu spät weiter zurück moment abbrechen speichern nein nichts , . ? ! ß \x00 ½"
)
drafts = st.sampled_from([None, *ALL_FIELDS]).flatmap(
    lambda asked: st.sampled_from([WHOLE, TalkDraft(entry_id="e1"), TalkDraft(entry_id="e1", number=N)]).map(
        lambda draft: draft.model_copy(update={"asked": asked})
    )
)


@hypothesis_settings(derandomize=True, deadline=None)
@given(drafts, st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join) | st.text(max_size=40))
def test_whatever_is_typed_the_talk_stays_the_same_one(draft: TalkDraft, text: str) -> None:
    operation = answered(draft, text)
    assert operation is None or getattr(operation, "entry_id", draft.entry_id) == draft.entry_id
    if isinstance(operation, TellTalk):
        after = operation.draft
        assert after.entry_id == draft.entry_id
        assert operation.number == after.number
        assert after.number == draft.number or draft.asked in ("number", None) or draft.number is None
        assert TalkDraft.model_validate(after.model_dump(mode="json")) == after
