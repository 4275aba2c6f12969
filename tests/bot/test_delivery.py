"""Reminders from the words to the person: due, postponed, repeated, late, routed, and never lost."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlmodel import Session, select, text

from actions.occurrences import begin
from actions.operations import (
    AddDeputy,
    Choice,
    ChooseHours,
    CloseCase,
    DeleteReminder,
    ListReminders,
    RenameReminder,
    Said,
    SetAbsence,
    SubscribeDeadline,
    Withdraw,
)
from actions.people import heard_from
from actions.store.models import Account, Occurrence, Role, State
from bot.chain import Chain
from bot.reminders.delivery import BlockedError, NotDeliveredError
from tests.bot.reminding import Reminded, reminded
from tests.bot.talking import MORNING


@pytest.fixture
def lotse(chain: Chain) -> Reminded:
    return reminded(chain)


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """A moment in UTC; in winter an hour before the German clock."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def choice(said: Said, label: str) -> Choice:
    return next(one for row in said.rows for one in row if one.label == label)


async def test_a_reminder_is_confirmed_and_comes_when_it_is_due(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "erinner mich morgen um 9:15 an anruf bei der abh")
    assert said.text.startswith("Ich erinnere Sie morgen um 9:15 Uhr: anruf bei der abh.")
    await lotse.until(at(24, 8, 10))
    assert lotse.post.texts("anna") == []
    await lotse.until(at(24, 8, 15), step=timedelta(minutes=5))
    assert "Erinnerung" in lotse.post.texts("anna")[0]
    assert "anruf" not in lotse.post.texts("anna")[0], "the notification shows the kind only"
    assert "anruf bei der abh" in lotse.taps(anna, "Worum geht es?").title


async def test_done_is_done_and_can_be_taken_back(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich morgen um 10 an den bericht")
    await lotse.until(at(24, 9))
    said = lotse.taps(anna, "Erledigt")
    assert said.text == "✓ Erledigt: bericht."
    assert "keine offenen" in lotse.does(anna, ListReminders()).text
    assert "bericht" in lotse.does(anna, choice(said, "Doch nicht erledigt").then).title
    assert "bericht" in lotse.does(anna, ListReminders()).text


@pytest.mark.parametrize(
    ("label", "again"),
    [
        ("in 1 Stunde", at(27, 10)),
        ("morgen früh", at(30, 7)),
        ("in 1 Woche", at(4, 9, month=12)),
    ],
)
async def test_a_nudge_can_be_put_off(lotse: Reminded, label: str, again: datetime) -> None:
    """On a Friday at ten: in an hour, on Monday morning, next Friday."""
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich freitag um 10 an den bericht")
    await lotse.until(at(27, 9))
    lotse.taps(anna, label)
    await lotse.until(again + timedelta(minutes=5), step=timedelta(minutes=15))
    assert lotse.post.times("anna") == [at(27, 9), again]


async def test_what_nobody_acknowledges_comes_once_more_and_then_in_the_morning(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.plan()
    lotse.says(anna, "erinner mich morgen um 10 an den bericht")
    await lotse.until(at(25, 12))
    texts = lotse.post.texts("anna")
    assert lotse.post.times("anna") == [at(24, 7), at(24, 9), at(24, 13), at(25, 7)]
    assert "Heute fällig" in texts[0]
    assert "Noch nicht als erledigt markiert" in texts[2]
    assert "Noch offen:\n• Erinnerung (fällig gestern um 10:00 Uhr)" in texts[3]


async def test_the_morning_is_silent_when_there_is_nothing(lotse: Reminded) -> None:
    lotse.enrol("anna")
    lotse.plan()
    await lotse.until(at(30, 12), step=timedelta(hours=1))
    assert lotse.post.got == []


async def test_after_downtime_all_comes_at_once_in_order_and_is_said_to_be_late(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich morgen um 11 an b-sache")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    lotse.says(anna, "täglich um 12 uhr an kasse erinnern")
    lotse.clock.now = at(27, 14)
    await lotse.tick()
    (text,) = lotse.post.texts("anna")
    assert text.splitlines()[0] == "3 Erinnerungen"
    assert [line.split("(")[1] for line in text.splitlines() if line[0].isdigit() and "(" in line] == [
        "fällig am Di, 24.11.2026 um 10:00 Uhr)",
        "fällig am Di, 24.11.2026 um 11:00 Uhr)",
        "fällig heute um 12:00 Uhr, 5-mal)",
    ]
    assert "Verspätet" in text
    await lotse.tick()
    assert len(lotse.post.got) == 1


async def test_a_day_that_is_none_of_work_gives_way_unless_the_person_wants_it(lotse: Reminded) -> None:
    lotse.clock.now = at(3, 9, month=12)
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "in 3 wochen und 1 tag an jahresabschluss erinnern")
    said = lotse.says(anna, "erinner mich in 23 tagen an den jahresabschluss")
    assert "am Do, 24.12.2026 um 9:00 Uhr" in said.text
    assert "ein Feiertag (Zweiter Weihnachtstag)" in said.text
    kept = lotse.does(anna, choice(said, "Doch am Sa, 26.12.2026").then)
    assert "Sa, 26.12.2026 um 9:00 Uhr" in kept.text


async def test_a_failure_is_tried_again_without_holding_up_anybody(lotse: Reminded) -> None:
    anna, ben = lotse.enrol("anna"), lotse.enrol("ben")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    lotse.says(ben, "erinner mich morgen um 10 an b-sache")
    lotse.post.fails = [NotDeliveredError(after=timedelta(minutes=7))]
    await lotse.until(at(24, 9), step=timedelta(hours=1))
    assert lotse.post.times("ben") == [at(24, 9)]
    await lotse.until(at(24, 9, 6), step=timedelta(minutes=1))
    assert lotse.post.times("anna") == []
    await lotse.until(at(24, 9, 8), step=timedelta(minutes=1))
    assert lotse.post.times("anna") == [at(24, 9, 7)]
    assert "Wiederholung" not in lotse.post.texts("anna")[0]


async def test_what_may_have_arrived_says_so_the_second_time(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    lotse.post.fails = [NotDeliveredError(uncertain=True)]
    await lotse.until(at(24, 9, 5), step=timedelta(minutes=5))
    assert "Wiederholung" in lotse.post.texts("anna")[0]


async def test_a_claim_whose_holder_died_is_taken_over_and_said_to_be_a_repetition_if_sending_had_begun(
    lotse: Reminded,
) -> None:
    anna, ben = lotse.enrol("anna"), lotse.enrol("ben")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    lotse.says(ben, "erinner mich morgen um 10 an b-sache")
    lotse.clock.now = at(24, 9)
    first, _ = lotse.delivery.claimed()
    with Session(lotse.chain.engine) as session:
        begin(session, first.occurrences, until=lotse.clock() + timedelta(minutes=1))
        session.commit()
    await lotse.tick()
    assert lotse.post.got == [], "the leases still hold"
    lotse.clock.forward(minutes=2)
    await lotse.tick()
    assert "Wiederholung" in lotse.post.texts("anna")[0]
    assert "Wiederholung" not in lotse.post.texts("ben")[0]


async def test_whoever_blocks_us_is_marked_seen_by_the_coordination_and_gets_it_when_back(lotse: Reminded) -> None:
    anna, chef = lotse.enrol("anna"), lotse.enrol("chef", Role.COORDINATOR)
    lotse.plan()
    lotse.says(anna, "erinner mich heute um 12 an a-sache")
    lotse.post.fails = [BlockedError()]
    await lotse.until(at(24, 8), step=timedelta(minutes=30))
    assert lotse.post.texts("anna") == []
    assert "Erreiche ich nicht: „anna“ (Bot blockiert seit 23.11.2026)" in lotse.post.texts(chef.alias)[0]
    with Session(lotse.chain.engine) as session:
        account = session.exec(select(Account).where(Account.address == "anna")).one()
        assert account.blocked_at is not None
        heard_from(session, channel=account.channel, address="anna", now=lotse.clock())
        session.commit()
    await lotse.tick()
    assert "Verspätet" in lotse.post.texts("anna")[-1]


async def test_absence_routes_to_the_deputy(lotse: Reminded) -> None:
    anna, ben = lotse.enrol("anna"), lotse.enrol("ben")
    lotse.opens(anna, "KIM-1042")
    lotse.says(anna, "erinner mich morgen um 10 an widerspruch kim-1042")
    lotse.does(anna, SetAbsence(first_day=date(2026, 11, 24), last_day=date(2026, 11, 26), deputy="ben"))
    await lotse.until(at(24, 9))
    assert lotse.post.times("ben") == [at(24, 9)]
    assert lotse.post.got[0][2].numbers == ("KIM-1042",)
    assert lotse.taps(ben, "Erledigt").text.startswith("✓ Erledigt")


async def test_a_withdrawn_consent_takes_the_reminders_along(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.opens(anna, "KIM-1042")
    lotse.says(anna, "erinner mich morgen um 10 an widerspruch kim-1042")
    lotse.does(anna, Withdraw(number="KIM-1042"))
    await lotse.until(at(24, 10))
    assert lotse.post.got == []


async def test_a_case_without_consent_gets_no_reminder(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "erinner mich morgen um 10 an widerspruch kim-1042")
    assert "unterschriebene Einwilligungserklärung" in said.text
    with Session(lotse.chain.engine) as session:
        assert session.exec(select(Occurrence)).all() == []


async def test_moved_and_deleted_by_words(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.opens(anna, "KIM-1042", "case_management")
    lotse.says(anna, "erinner mich in 6 monaten an re-assessment kim-1042")
    lotse.says(anna, "erinner mich in 2 wochen an den teambericht")
    assert "Fr, 27.11.2026 um 9:00 Uhr" in lotse.says(anna, "verschieb das re-assessment auf freitag").text
    assert lotse.says(anna, "lösch die erinnerung an den teambericht").text == "Gelöscht: teambericht."
    await lotse.until(at(27, 8))
    assert len(lotse.post.got) == 1


async def test_a_deleted_one_can_be_restored(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich in 2 wochen an den teambericht")
    said = lotse.says(anna, "lösch die erinnerung an den teambericht")
    lotse.does(anna, choice(said, "Rückgängig").then)
    await lotse.until(at(7, 8, month=12), step=timedelta(hours=1))
    assert lotse.post.times("anna") == [at(7, 8, month=12)]


async def test_the_clock_stays_at_nine_across_both_changes(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "jeden montag um 9 uhr teamsitzung erinnern")
    await lotse.until(datetime(2027, 11, 30, 12, tzinfo=UTC), step=timedelta(hours=1))
    hours = {(moment.month, moment.hour) for moment in lotse.post.times("anna")[::2]}
    assert {(1, 8), (7, 7), (11, 8)} <= hours


async def test_several_in_one_message(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "\n".join(f"am {day}.12. um 10 bericht {day} erinnern" for day in range(1, 21)))
    assert said.title == "20 von 20 Erinnerungen sind gespeichert"
    with Session(lotse.chain.engine) as session:
        assert len(session.exec(select(Occurrence).where(Occurrence.state == State.PLANNED)).all()) == 20


async def test_a_stale_button_is_answered_kindly(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    await lotse.until(at(24, 9))
    lotse.says(anna, "verschieb a-sache auf freitag")
    assert "wurde geändert" in lotse.taps(anna, "Erledigt").text


def test_somebody_elses_reminder_is_not_theirs(lotse: Reminded) -> None:
    anna, ben = lotse.enrol("anna"), lotse.enrol("ben")
    said = lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    deleted = choice(said, "Löschen").then
    assert isinstance(deleted, DeleteReminder)
    assert "gibt es nicht mehr" in lotse.does(ben, deleted).text
    assert lotse.clock() == MORNING


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("verschieb den bericht auf 14 uhr", "am Fr, 15.01.2027 um 14:00 Uhr"),
        ("verschieb den bericht um eine woche", "am Fr, 22.01.2027 um 9:00 Uhr"),
        ("verschieb den bericht um 2 tage nach vorne", "am Mi, 13.01.2027 um 9:00 Uhr"),
        ("verschieb den bericht auf montag", "am Mo, 30.11.2026 um 9:00 Uhr"),
    ],
)
async def test_a_move_is_reckoned_from_where_it_was(lotse: Reminded, said: str, when: str) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich am 15.1. an den bericht")
    assert when in lotse.says(anna, said).text


async def test_of_a_repetition_one_time_or_all_are_moved(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "jeden freitag um 10 uhr an die miete erinnern")
    asked = lotse.says(anna, "verschieb die miete auf mittwoch")
    assert "am Mi, 25.11.2026 um 10:00 Uhr" in lotse.does(anna, choice(asked, "Nur diesmal").then).text
    await lotse.until(at(5, 9, month=12), step=timedelta(hours=1))
    assert lotse.post.times("anna")[0] == at(25, 9)
    assert at(4, 9, month=12) in lotse.post.times("anna")


async def test_what_came_and_was_deleted_by_mistake_is_open_again(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "erinner mich heute um 11 an den bericht")
    await lotse.until(at(23, 10, 5), step=timedelta(minutes=5))
    deleted = lotse.does(anna, choice(said, "Löschen").then)
    lotse.does(anna, choice(deleted, "Rückgängig").then)
    assert "offen seit" in lotse.does(anna, ListReminders()).text
    renamed = lotse.does(anna, RenameReminder(entry_id=choice(said, "Löschen").then.entry_id, subject="jahresbericht"))  # type: ignore[union-attr]
    assert "jahresbericht" in renamed.text
    assert lotse.taps(anna, "Erledigt").text == "✓ Erledigt: jahresbericht."


async def test_a_nudge_of_a_deleted_repetition_does_not_revive_it(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "täglich um 12 uhr an kasse erinnern")
    await lotse.until(at(23, 11), step=timedelta(hours=1))
    lotse.does(anna, choice(said, "Löschen").then)
    assert "wurde geändert" in lotse.taps(anna, "in 1 Stunde").text
    await lotse.until(at(26, 12), step=timedelta(hours=1))
    assert len(lotse.post.got) == 1


async def test_whoever_may_not_read_the_case_is_never_told_of_it(lotse: Reminded) -> None:
    """Anna stands in for Ben in one case, and Carl for Anna: Ben hears of it, not Carl."""
    anna, ben, carl = lotse.enrol("anna"), lotse.enrol("ben"), lotse.enrol("carl")
    lotse.opens(ben, "KIM-1042")
    lotse.does(ben, AddDeputy(number="KIM-1042", deputy="anna"))
    lotse.says(anna, "erinner mich morgen um 10 an den sprachkurs kim-1042")
    lotse.does(anna, SetAbsence(first_day=date(2026, 11, 24), last_day=date(2026, 11, 26), deputy="carl"))
    await lotse.until(at(24, 9))
    assert lotse.post.texts(carl.alias) == []
    assert lotse.post.times("ben") == [at(24, 9)]
    assert "sprachkurs" in lotse.does(ben, ListReminders()).text
    assert lotse.taps(ben, "Erledigt").text.startswith("✓")


async def test_all_done_means_those_shown_and_can_be_taken_back(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "\n".join(f"am 24.11. um 10 bericht {n} erinnern" for n in range(25)))
    await lotse.until(at(24, 9))
    said = lotse.taps(anna, "Diese 20 sind erledigt")
    assert said.text == "✓ 20 Erinnerungen sind erledigt."
    assert lotse.does(anna, ListReminders()).title == "Offene Erinnerungen: 5"
    lotse.does(anna, choice(said, "Doch nicht erledigt").then)
    assert lotse.does(anna, ListReminders()).title == "Offene Erinnerungen: 25"


async def test_a_deadline_seen_comes_again_until_it_is_done_with(lotse: Reminded) -> None:
    chef = lotse.enrol("chef", Role.COORDINATOR)
    lotse.clock.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    lotse.plan()
    await lotse.until(datetime(2027, 3, 3, 9, tzinfo=UTC), step=timedelta(hours=1))
    said = lotse.taps(chef, "Erledigt")
    assert "Ich erinnere noch am Mi, 17.03.2027; Mi, 24.03.2027; Di, 30.03.2027." in said.text
    lotse.does(chef, choice(said, "Ist ganz erledigt").then)
    lotse.plan()
    before = len(lotse.post.got)
    await lotse.until(datetime(2027, 4, 1, 12, tzinfo=UTC), step=timedelta(hours=1))
    assert len(lotse.post.got) == before


async def test_a_deadline_left_out_is_not_repeated(lotse: Reminded) -> None:
    chef = lotse.enrol("chef", Role.COORDINATOR)
    lotse.clock.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    lotse.plan()
    await lotse.until(datetime(2027, 3, 3, 9, tzinfo=UTC), step=timedelta(hours=1))
    lotse.does(chef, SubscribeDeadline(key="rueckzahlung-baustein-3/2027-03-31", wanted=False))
    before = len(lotse.post.got)
    await lotse.until(datetime(2027, 4, 1, 12, tzinfo=UTC), step=timedelta(hours=1))
    assert len(lotse.post.got) == before


async def test_a_row_that_cannot_be_read_stops_nobody_else(lotse: Reminded) -> None:
    anna, ben = lotse.enrol("anna"), lotse.enrol("ben")
    lotse.says(anna, "erinner mich morgen um 10 an a-sache")
    lotse.says(ben, "erinner mich morgen um 10 an b-sache")
    with lotse.chain.engine.begin() as connection:
        connection.execute(text("UPDATE reminder SET subject = 'kaputt' WHERE person_id = :anna"), {"anna": anna.id})
    await lotse.until(at(24, 9))
    assert lotse.post.times("ben") == [at(24, 9)]


async def test_a_repetition_that_is_moved_says_so(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    said = lotse.says(anna, "alle 6 monate an die revision erinnern")
    assert "Der So, 23.05.2027 ist ein Sonntag, deshalb am Arbeitstag davor." in said.text
    assert "am So, 23.05.2027" in lotse.does(anna, choice(said, "Doch immer am genannten Tag").then).text


async def test_other_hours_reach_what_is_planned(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.says(anna, "erinner mich am donnerstag an den bericht")
    lotse.does(anna, ChooseHours(starts=time(10)))
    await lotse.until(at(26, 12))
    assert at(26, 9) in lotse.post.times("anna")


def test_a_permit_that_ends_soon_is_still_reminded_of(lotse: Reminded) -> None:
    anna = lotse.enrol("anna")
    lotse.opens(anna, "KIM-1042")
    said = lotse.says(anna, "die 104c erlaubnis von kim-1042 endet am 10.12.2026, bitte erinnern")
    assert "Bitte handeln Sie jetzt. Ich erinnere Sie am Di, 24.11.2026." in said.text
    assert "§ 104c: Erlaubnis endet · KIM-1042 (Ende Do, 10.12.2026)" in lotse.does(anna, ListReminders()).text
    closed = lotse.does(anna, CloseCase(number="KIM-1042"))
    assert "Dazu offene Erinnerungen: 1." in closed.text
