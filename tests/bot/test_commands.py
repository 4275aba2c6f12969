"""What an operator does at the command line, and gets wrong: people, cases, keys, the guard, the state of things."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlmodel import Session, col, select

from actions.access import OPERATOR, Actor
from actions.cases import open_case
from actions.clock import local_day, system_clock
from actions.consultations import Talk, log_consultation
from actions.drafts import keep_draft
from actions.hygiene import due_messages, failed, note_messages
from actions.occurrences import add
from actions.people import by_alias, disable, enrol, mark_blocked, redeem, require_person
from actions.practice import load_practice
from actions.settings import Settings
from actions.store.buttons import remember_button
from actions.store.engine import open_store
from actions.store.lock import hold_store
from actions.store.models import (
    Absence,
    AuditEvent,
    Case,
    ChatMessage,
    FeedbackKind,
    Invitation,
    Person,
    Reminder,
    Role,
)
from actions.store.records import keep_feedback
from actions.store.vault import KEY_FILE, new_key
from bot.runtime.environments import ROOT, rasa_python
from bot.runtime.guard import open_guard
from bot.runtime.model import Model
from bot.runtime.progress import Progress
from bot.runtime.telegram_api import api_roots
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.training import names_file
from tests.bot.operating import Operator, Ran
from tests.bot.talking import mentions
from tests.standin.botapi import TOKEN, USERNAME, BotApi

LOTSE = Path(sys.executable).parent / "lotse"
HEAD = "nummer;form;start;einwilligung\n"
SEALED = re.compile(rb"gAAAA[\w-]{60,}={0,2}")
NOTE = "Wohngeldantrag liegt noch beim Amt"


@pytest.fixture
def lotse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(tmp_path / "data", monkeypatch, capsys)


@pytest.fixture
def guarded(lotse: Operator, guard: PrivacyGuard) -> Operator:
    """With the trained guard at hand, as after `lotse setup`."""
    lotse.data_dir.mkdir()
    (lotse.data_dir / "models").symlink_to(ROOT / ".lotse" / "models")
    return lotse


@pytest.fixture
def office(lotse: Operator) -> Iterator[Session]:
    """A look into the store from a second process's place, with two case managers and an admin."""
    engine = lotse.store()
    with Session(engine) as session:
        for alias, role in (
            ("lotse-1", Role.CASE_MANAGER), ("lotse-2", Role.CASE_MANAGER), ("chef", Role.ADMIN),
        ):  # fmt: skip
            session.add(Person(alias=alias, role=role))
        session.commit()
        yield session
    engine.dispose()


def opened(session: Session, number: str = "KIM-1042", owner: str = "lotse-1") -> Case:
    now = system_clock()
    case = open_case(
        session, by=OPERATOR, owner=require_person(session, owner), number=number, form="short",
        started_on=local_day(now), signed_on=local_day(now), now=now,
    )  # fmt: skip
    session.commit()
    return case


def cases(session: Session) -> dict[str, str]:
    """Every case's number and owner, as they are now."""
    session.expire_all()
    found = session.exec(select(Case.number, Person.alias).join(Person, col(Case.owner_id) == Person.id))
    return dict(found.all())


def stored(lotse: Operator) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(lotse.data_dir.glob("lotse.db*")))


def token_of(ran: Ran) -> str:
    found = re.search(r"start[= ]([\w-]{16,64})$", ran.out, re.MULTILINE)
    assert found is not None, ran
    return found.group(1)


def joined(session: Session, token: str, address: str) -> Person:
    person = redeem(session, token=token, channel="telegram", address=address, now=system_clock())
    session.commit()
    return person


def separately(lotse: Operator, *arguments: str, **variables: str) -> Ran:
    """The same in a process of its own, for commands that set up logging or serve."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ran = subprocess.run(
        [str(LOTSE), *arguments],
        env=kept | {"LOTSE_DATA_DIR": str(lotse.data_dir), "PYTHONPATH": str(ROOT)} | variables,
        cwd=lotse.data_dir.parent, capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


class TestInviting:
    def test_the_link_carries_the_bots_name(self, guarded: Operator) -> None:
        with BotApi() as api:
            ran = guarded("staff", "invite", "lotse-3", LOTSE_TELEGRAM_TOKEN=TOKEN, LOTSE_TELEGRAM_API_URL=api.url)
        link, until = ran.out.splitlines()
        assert re.fullmatch(rf"https://t\.me/{USERNAME}\?start=[\w-]{{32}}", link)
        in_three_days = local_day(system_clock() + timedelta(hours=72))
        assert until.startswith(f"Gilt einmal, bis {in_three_days:%d.%m.%Y} ")
        assert (ran.code, ran.err) == (0, "")

    def test_a_link_fits_into_a_deep_link_and_lets_its_person_in(self, guarded: Operator) -> None:
        ran = guarded("staff", "invite", "Lotse-3", "--role", "coordinator", "--share", "0.5")
        token = token_of(ran)
        assert len(token) <= 64
        with Session(guarded.store()) as session:
            person = joined(session, token, "1")
            assert (person.alias, person.role, person.share) == ("lotse-3", Role.COORDINATOR, 0.5)

    def test_without_a_token_of_telegrams_the_words_to_write_are_shown(self, guarded: Operator) -> None:
        said, words, _ = guarded("staff", "invite", "lotse-3").out.splitlines()
        assert said == "Der Bot ist gerade nicht erreichbar; die Person schreibt ihm in Telegram:"
        assert re.fullmatch(r"/start [\w-]{32}", words)

    @pytest.mark.parametrize("fault", ["stopped", "refuses", "is another's", "fails", "cuts", "is no address"])
    def test_nor_while_telegram_is_away(self, guarded: Operator, fault: str) -> None:
        with BotApi() as api:
            url, token = api.url, TOKEN
            match fault:
                case "stopped":
                    api.stop()
                case "refuses":
                    api.fail_next("getMe", None, 403)
                case "is another's":
                    token = "1:other"
                case "fails":
                    api.fail_next("getMe", None, 500)
                case "cuts":
                    api.drop_connections("getMe", None)
                case _:
                    url = "quatsch"
            ran = guarded("staff", "invite", "lotse-3", LOTSE_TELEGRAM_TOKEN=token, LOTSE_TELEGRAM_API_URL=url)
        assert "\n/start " in ran.out
        assert "t.me" not in ran.out
        assert (ran.code, ran.err) == (0, "")

    def test_a_second_invitation_replaces_the_first(self, guarded: Operator) -> None:
        first = guarded("staff", "invite", "lotse-3")
        second = guarded("staff", "invite", "lotse-3")
        assert "gab es schon" not in first.out
        assert second.out.startswith("Für „lotse-3“ gab es schon eine offene Einladung")
        with Session(guarded.store()) as session:
            assert session.exec(select(Invitation)).one()
            with pytest.raises(Exception, match="gilt nicht mehr"):
                joined(session, token_of(first), "1")
            assert joined(session, token_of(second), "1").alias == "lotse-3"

    def test_the_token_is_kept_nowhere(self, guarded: Operator) -> None:
        token = token_of(guarded("staff", "invite", "lotse-3"))
        files = [file for file in guarded.data_dir.glob("*") if file.is_file()]
        assert files
        assert not [file for file in files if token.encode() in file.read_bytes()]

    @pytest.mark.parametrize("alias", ["mehmet", "Yilmaz", "anna-schmidt", "fatima", "oleksandra"])
    def test_a_name_is_no_alias(self, guarded: Operator, alias: str) -> None:
        assert "sieht wie ein Name aus" in guarded("staff", "invite", alias).refusal
        with Session(guarded.store()) as session:
            assert by_alias(session, alias) is None

    @pytest.mark.parametrize("alias", ["x", "lotse 3", "lotse.3", "l" * 33, "gelöscht-1", "-", "[b]3[/b]"])
    def test_what_cannot_be_an_alias_is_refused(self, guarded: Operator, alias: str) -> None:
        ran = guarded("staff", "invite", "--", alias)
        assert ran.refusal.endswith(".")
        assert ran.out == ""

    @pytest.mark.parametrize("share", ["0", "1.5", "nan"])
    def test_a_share_is_above_nothing_up_to_a_full_post(self, guarded: Operator, share: str) -> None:
        ran = guarded("staff", "invite", "lotse-3", "--share", share)
        assert ran.refusal == "Fehler: Der Stellenanteil ist eine Zahl über 0 bis 1 – etwa 0.5 für eine halbe Stelle."

    def test_who_is_in_gets_a_link_for_another_account_only_on_demand(self, guarded: Operator) -> None:
        token = token_of(guarded("staff", "invite", "lotse-3"))
        with Session(guarded.store()) as session:
            joined(session, token, "1")
        assert "--new-account" in guarded("staff", "invite", "lotse-3").refusal
        assert guarded("staff", "invite", "lotse-3", "--new-account").code == 0

    def test_a_new_link_changes_neither_role_nor_share(self, lotse: Operator, office: Session) -> None:
        lotse("staff", "share", "chef", "0.25")
        assert lotse("staff", "invite", "chef").code == 0
        chef = require_person(office, "chef")
        assert (chef.role, chef.share) == (Role.ADMIN, 0.25)
        lotse("staff", "invite", "chef", "--role", "coordinator", "--share", "1")
        office.expire_all()
        assert (chef.role, chef.share) == (Role.COORDINATOR, 1.0)

    def test_an_invitation_into_a_role_without_cases_is_refused_while_cases_remain(
        self, lotse: Operator, office: Session
    ) -> None:
        opened(office)
        assert "noch Fälle (1)" in lotse("staff", "invite", "lotse-1", "--role", "admin").refusal
        assert require_person(office, "lotse-1").role == Role.CASE_MANAGER

    def test_an_unknown_role_is_a_wrong_use(self, lotse: Operator) -> None:
        assert lotse("staff", "invite", "lotse-3", "--role", "boss").code == 2


class TestStaff:
    def test_the_list_names_everybody_in_one_line_each(self, lotse: Operator, office: Session) -> None:
        office.add(Person(alias="fallmanagement-nord-west-team-12", role=Role.COORDINATOR, share=0.75))
        office.commit()
        token = token_of(lotse("staff", "invite", "lotse-1"))
        joined(office, token, "1")
        lotse("staff", "invite", "lotse-2")
        lotse("staff", "disable", "chef")
        head, *lines = lotse("staff", "list").out.splitlines()
        assert head.split() == ["Alias", "Rolle", "VZÄ", "Zustand"]
        assert [line.split()[0] for line in lines] == [
            "chef", "fallmanagement-nord-west-team-12", "lotse-1", "lotse-2",
        ]  # fmt: skip
        assert lines[0].endswith("1 gesperrt")
        assert lines[1].endswith("0.75 noch nicht angemeldet")
        assert "KIM-Koordination" in lines[1]
        assert lines[2].endswith("1 telegram")
        assert re.search(r"1 noch nicht angemeldet \(eingeladen bis \d\d\.\d\d\. \d\d:\d\d\)$", lines[3])

    def test_an_expired_invitation_is_none(self, lotse: Operator, office: Session) -> None:
        lotse("staff", "invite", "lotse-1")
        invitation = office.exec(select(Invitation)).one()
        invitation.expires_at = system_clock() - timedelta(seconds=1)
        office.add(invitation)
        office.commit()
        assert "eingeladen" not in lotse("staff", "list").out

    @pytest.mark.parametrize(
        "command",
        [
            "staff role niemand admin", "staff share niemand 0.5", "staff disable niemand",
            "staff disable lotse-1 --hand-over-to niemand", "staff role lotse-1 admin --hand-over-to niemand",
            "staff absent niemand --deputy lotse-1 --from 2099-01-01 --to 2099-01-02",
            "staff absent lotse-1 --deputy niemand --from 2099-01-01 --to 2099-01-02",
            "case import fälle.csv --owner niemand", "case hand-over KIM-1042 --to niemand",
        ],
    )  # fmt: skip
    def test_an_unknown_alias_is_named_and_nothing_done(self, lotse: Operator, office: Session, command: str) -> None:
        opened(office)
        before = len(office.exec(select(AuditEvent)).all())
        ran = lotse(*command.split())
        assert ran.refusal == "Fehler: „niemand“ gibt es nicht – „lotse staff list“ zeigt alle."
        assert ran.out == ""
        assert len(office.exec(select(AuditEvent)).all()) == before

    def test_a_role_is_changed(self, lotse: Operator, office: Session) -> None:
        ran = lotse("staff", "role", "LOTSE-2", "coordinator")
        assert ran.out == "„LOTSE-2“ ist jetzt KIM-Koordination.\n"
        assert require_person(office, "lotse-2").role == Role.COORDINATOR

    def test_a_role_without_cases_needs_somebody_to_take_them(self, lotse: Operator, office: Session) -> None:
        opened(office)
        assert "--hand-over-to" in lotse("staff", "role", "lotse-1", "admin").refusal
        ran = lotse("staff", "role", "lotse-1", "admin", "--hand-over-to", "lotse-2")
        assert ran.out == "„lotse-1“ ist jetzt Administration des Lotsen. 1 Fall liegt jetzt bei „lotse-2“.\n"
        assert cases(office) == {"KIM-1042": "lotse-2"}

    def test_a_share_is_changed(self, lotse: Operator, office: Session) -> None:
        assert lotse("staff", "share", "lotse-1", "0.5").out == "„lotse-1“ hat jetzt 0.5 VZÄ.\n"
        assert require_person(office, "lotse-1").share == 0.5

    @pytest.mark.parametrize("share", ["0", "1.5", "1.0000001", "inf"])
    def test_a_share_that_is_none_changes_nothing(self, lotse: Operator, office: Session, share: str) -> None:
        assert "über 0 bis 1" in lotse("staff", "share", "lotse-1", share).refusal
        assert require_person(office, "lotse-1").share == 1.0

    @pytest.mark.parametrize("share", ["halb", "0,5", "-1"])
    def test_a_share_that_is_no_number_is_a_wrong_use(self, lotse: Operator, share: str) -> None:
        assert lotse("staff", "share", "lotse-1", share).code == 2


class TestDisabling:
    def test_cases_must_go_to_somebody(self, lotse: Operator, office: Session) -> None:
        opened(office)
        opened(office, "KIM-1043")
        refusal = lotse("staff", "disable", "lotse-1").refusal
        assert "noch Fälle (2)" in refusal
        assert "--hand-over-to" in refusal
        assert require_person(office, "lotse-1").active

    def test_they_do_and_the_person_is_out(self, lotse: Operator, office: Session) -> None:
        joined(office, token_of(lotse("staff", "invite", "lotse-1")), "1")
        opened(office)
        opened(office, "KIM-1043")
        ran = lotse("staff", "disable", "lotse-1", "--hand-over-to", "lotse-2")
        assert ran.out == "„lotse-1“ ist gesperrt. 2 Fälle liegen jetzt bei „lotse-2“.\n"
        assert cases(office) == {"KIM-1042": "lotse-2", "KIM-1043": "lotse-2"}
        assert not require_person(office, "lotse-1").active
        assert office.connection().exec_driver_sql("SELECT count(*) FROM account").scalar() == 0

    @pytest.mark.parametrize("to", ["lotse-1", "chef", "gone"])
    def test_not_to_oneself_nor_to_somebody_without_cases(self, lotse: Operator, office: Session, to: str) -> None:
        office.add(Person(alias="gone", active=False))
        opened(office)
        assert lotse("staff", "disable", "lotse-1", "--hand-over-to", to).code == 1
        assert cases(office) == {"KIM-1042": "lotse-1"}
        assert require_person(office, "lotse-1").active

    def test_an_open_link_is_void(self, lotse: Operator, office: Session) -> None:
        token = token_of(lotse("staff", "invite", "lotse-1"))
        assert lotse("staff", "disable", "lotse-1").out == "„lotse-1“ ist gesperrt.\n"
        with pytest.raises(Exception, match="gilt nicht mehr"):
            joined(office, token, "1")

    def test_only_a_new_invitation_brings_somebody_back(self, lotse: Operator, office: Session) -> None:
        disable(office, by=OPERATOR, person=require_person(office, "lotse-1"), hand_over_to=None, now=system_clock())
        office.commit()
        joined(office, token_of(lotse("staff", "invite", "lotse-1")), "1")
        office.expire_all()
        assert require_person(office, "lotse-1").active


class TestAbsence:
    def absent(
        self, lotse: Operator, first: date, last: date, *, deputy: str = "lotse-2", form: str = "%Y-%m-%d"
    ) -> Ran:
        return lotse(
            "staff", "absent", "lotse-1", "--deputy", deputy, "--from", f"{first:{form}}", "--to", f"{last:{form}}"
        )

    @pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y"])
    def test_it_is_recorded_in_both_ways_of_writing_days(self, lotse: Operator, office: Session, form: str) -> None:
        today = local_day(system_clock())
        ran = self.absent(lotse, today, today + timedelta(days=3), form=form)
        assert ran.out.startswith("„lotse-2“ vertritt „lotse-1“ vom ")
        absence = office.exec(select(Absence)).one()
        assert (absence.first_day, absence.last_day) == (today, today + timedelta(days=3))

    def test_what_cannot_be_is_refused(self, lotse: Operator, office: Session) -> None:
        today = local_day(system_clock())
        day = timedelta(days=1)
        assert "vom … bis …" in self.absent(lotse, today + day, today).refusal
        assert "vom … bis …" in self.absent(lotse, today - 2 * day, today - day).refusal
        assert "andere" in self.absent(lotse, today, today, deputy="lotse-1").refusal
        assert "führt keine Fälle" in self.absent(lotse, today, today, deputy="chef").refusal
        assert office.exec(select(Absence)).first() is None

    def test_a_day_that_is_none_is_a_wrong_use(self, lotse: Operator) -> None:
        ran = lotse("staff", "absent", "lotse-1", "--deputy", "x", "--from", "31.02.2099", "--to", "2099-03-01")
        assert ran.code == 2
        assert "31.02.2099" in ran.err


class TestImporting:
    def imported(self, lotse: Operator, content: str | bytes, *more: str, owner: str = "lotse-1") -> Ran:
        file = lotse.data_dir.parent / "fälle.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return lotse("case", "import", str(file), "--owner", owner, *more)

    def test_good_rows_become_cases(self, lotse: Operator, office: Session) -> None:
        rows = "KIM-1042;Kurzberatung;01.10.2026;01.10.2026\nkim 1043;Case Management;2026-10-01;2026-10-02\n"
        assert self.imported(lotse, HEAD + rows).out == "2 Fälle liegen jetzt bei „lotse-1“.\n"
        assert cases(office) == {"KIM-1042": "lotse-1", "KIM-1043": "lotse-1"}

    def test_every_broken_row_is_named_and_nothing_imported(self, lotse: Operator, office: Session) -> None:
        opened(office, "KIM-1001")
        rows = [
            "KIM-1042;Kurzberatung;01.10.2026;01.10.2026",
            "Yilmaz;Kurzberatung;01.10.2026;01.10.2026",
            "KIM-1043;Spaziergang;01.10.2026;01.10.2026",
            "KIM-1044;Kurzberatung;31.02.2026;01.10.2026",
            "KIM-1045;Kurzberatung;01.10.2026;01.10.2999",
            "kim 1042;Kurzberatung;01.10.2026;01.10.2026",
            "KIM-1001;Kurzberatung;01.10.2026;01.10.2026",
        ]
        ran = self.imported(lotse, HEAD + "\n".join(rows))
        *named, last = ran.err.splitlines()
        assert [line.partition(":")[0] for line in named] == [f"Zeile {number}" for number in range(3, 9)]
        assert last.startswith("Fehler: Nichts importiert")
        assert (ran.code, ran.out) == (1, "")
        assert "Yilmaz" not in ran.err
        assert cases(office) == {"KIM-1001": "lotse-1"}

    def test_without_a_consent_no_case(self, lotse: Operator, office: Session) -> None:
        without = "nummer;form;start\nKIM-1042;KB;01.10.2026\n"
        assert "--consent-signed" in self.imported(lotse, without).refusal
        assert (
            "Zeile 2: KIM-1042 hat kein Datum der Einwilligung."
            in self.imported(lotse, HEAD + "KIM-1042;KB;01.10.2026;\n").err
        )
        assert cases(office) == {}

    @pytest.mark.parametrize("day", ["2026-10-01", "01.10.2026"])
    def test_one_day_for_all_consents_is_given_with_the_command(
        self, lotse: Operator, office: Session, day: str
    ) -> None:
        ran = self.imported(lotse, "nummer;form;start\nKIM-1042;KB;01.10.2026\n", "--consent-signed", day)
        assert ran.out == "1 Fall liegt jetzt bei „lotse-1“.\n"
        assert office.exec(select(Case)).one().consent_signed_on == date(2026, 10, 1)

    def test_a_consent_of_a_day_to_come_is_none(self, lotse: Operator, office: Session) -> None:
        ran = self.imported(lotse, "nummer;form;start\nKIM-1042;KB;01.10.2026\n", "--consent-signed", "2999-01-01")
        assert "Zukunft" in ran.refusal
        assert cases(office) == {}

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("separator", [";", ","])
    def test_what_spreadsheets_write_is_read(
        self, lotse: Operator, office: Session, encoding: str, separator: str
    ) -> None:
        content = "straße;nummer;form;start;einwilligung\r\nÜberweg;KIM-1042;Kurzberatung;1.10.2026;1.10.26\r\n"
        ran = self.imported(lotse, content.replace(";", separator).encode(encoding))
        assert (ran.code, ran.err) == (0, "")
        assert cases(office) == {"KIM-1042": "lotse-1"}
        assert "Überweg".encode() not in stored(lotse)

    @pytest.mark.parametrize("content", [b"PK\x03\x04\x81\x8d\x8f\x90\x9d", b"", HEAD.encode()])
    def test_a_file_that_is_none_is_said_in_one_line(self, lotse: Operator, office: Session, content: bytes) -> None:
        ran = self.imported(lotse, content)
        assert ran.refusal == ran.err.strip()

    def test_a_file_that_is_not_there_is_said_in_one_line(self, lotse: Operator, office: Session) -> None:
        for path in ("nirgends.csv", str(lotse.data_dir)):
            assert "lässt sich nicht lesen" in lotse("case", "import", path, "--owner", "lotse-1").refusal

    def test_nobody_without_cases_gets_some(self, lotse: Operator, office: Session) -> None:
        row = "KIM-1042;Kurzberatung;01.10.2026;01.10.2026\n"
        assert "führt keine Fälle" in self.imported(lotse, HEAD + row, owner="chef").refusal
        assert cases(office) == {}


class TestHandingOver:
    def test_a_case_changes_hands_however_its_number_is_typed(self, lotse: Operator, office: Session) -> None:
        opened(office)
        assert lotse("case", "hand-over", "kim 1042", "--to", "Lotse-2").out == "KIM-1042 liegt jetzt bei „Lotse-2“.\n"
        assert cases(office) == {"KIM-1042": "lotse-2"}

    @pytest.mark.parametrize(
        ("number", "to", "said"),
        [
            ("KIM-1042", "lotse-1", "liegt schon bei"),
            ("KIM-1042", "chef", "führt keine Fälle"),
            ("KIM-9999", "lotse-2", "keine Einwilligungserklärung"),
            ("Yilmaz", "lotse-2", "keine Fallnummer"),
            ("KIM-1042 KIM-1043", "lotse-2", "keine Fallnummer"),
        ],
    )
    def test_what_cannot_be_changes_nothing(
        self, lotse: Operator, office: Session, number: str, to: str, said: str
    ) -> None:
        opened(office)
        assert said in lotse("case", "hand-over", number, "--to", to).refusal
        assert cases(office) == {"KIM-1042": "lotse-1"}


class TestForgetting:
    @pytest.fixture
    def told(self, office: Session, knowledge: Knowledge) -> Session:
        """A case with all that can hang on one, beside another case."""
        now, practice = system_clock(), load_practice(knowledge)
        opened(office, "KIM-1043")
        case, owner = opened(office), require_person(office, "lotse-1")
        log_consultation(
            office, by=Actor("telegram", owner), number="KIM-1042", entry_id="entry-1042",
            talk=Talk(day=local_day(now), duration_min=20, channel="telefon", topics=("Wohnen",), note=NOTE),
            needs=practice.needs, casework=practice.casework, now=now,
        )  # fmt: skip
        keep_draft(office, person=owner, kind="talk", case=case, content={"number": "KIM-1042"}, now=now)
        remember_button(office, conversation="c", meaning={"number": "KIM-1042"}, case_id=case.id, now=now)
        note_messages(
            office, channel="telegram", chat="4711", messages=[7], numbers=["KIM-1042"],
            sent_at=now, kept_for=timedelta(hours=24),
        )  # fmt: skip
        office.commit()
        return office

    def test_it_is_asked_and_a_no_or_nothing_keeps_the_case(self, lotse: Operator, told: Session) -> None:
        for answer in ("nein\n", "n\n", "\n", "", "vielleicht\n"):
            ran = lotse("case", "forget", "KIM-1042", stdin=answer)
            assert ran.out == "Alles zu KIM-1042 löschen? [ja/nein] "
            assert ran.refusal == "Fehler: Nichts gelöscht."
        assert "KIM-1042" in cases(told)

    @pytest.mark.parametrize("answer", ["ja\n", "J\n", "Ja", "y\n"])
    def test_a_yes_forgets_it(self, lotse: Operator, told: Session, answer: str) -> None:
        ran = lotse("case", "forget", "kim1042", stdin=answer)
        assert "Gelöscht." in ran.out
        assert cases(told) == {"KIM-1043": "lotse-1"}

    def test_nothing_of_it_is_left_in_any_table_or_byte(self, lotse: Operator, told: Session) -> None:
        told.close()
        traces = (b"KIM-1042", b"entry-1042")
        before = stored(lotse)
        assert all(trace in before for trace in traces)
        sealed = set(SEALED.findall(before))
        ran = lotse("case", "forget", "KIM-1042", "--yes")
        assert ran.out == "Gelöscht. Nachrichten in den Chats folgen, sobald der Lotse läuft.\n"
        after = stored(lotse)
        assert not [trace for trace in traces if trace in after]
        assert b"KIM-1043" in after
        assert len(sealed - set(SEALED.findall(after))) == 3, "note, draft and button went"

    def test_its_chat_messages_are_due_at_once_and_name_no_case(self, lotse: Operator, told: Session) -> None:
        lotse("case", "forget", "KIM-1042", "--yes")
        told.expire_all()
        message = told.exec(select(ChatMessage)).one()
        assert message.case_id is None
        assert message.due_at <= system_clock()

    def test_the_audit_keeps_that_it_happened_but_no_number(self, lotse: Operator, told: Session) -> None:
        lotse("case", "forget", "KIM-1042", "--yes")
        last = told.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
        assert last is not None
        assert (last.event, last.channel, last.person_id) == ("consent withdrawn, case forgotten", "cli", None)
        assert last.subject is not None
        assert not mentions("1042", last.subject)

    def test_a_reader_that_takes_a_moment_is_waited_for(self, lotse: Operator, told: Session) -> None:
        """The running bot may just be reading: the journal is emptied all the same."""
        told.close()
        reading = sqlite3.connect(lotse.database, check_same_thread=False)
        reading.execute("BEGIN")
        reading.execute("SELECT * FROM person").fetchall()
        ends = threading.Timer(0.5, reading.close)
        ends.start()
        lotse("case", "forget", "KIM-1042", "--yes")
        ends.join()
        assert b"KIM-1042" not in stored(lotse)

    @pytest.mark.parametrize("number", ["KIM-9999", "Yilmaz", "", "1042"])
    def test_what_is_no_case_here_is_refused_before_asking(self, lotse: Operator, told: Session, number: str) -> None:
        ran = lotse("case", "forget", number)
        assert ran.refusal
        assert ran.out == ""
        assert set(cases(told)) == {"KIM-1042", "KIM-1043"}

    def test_a_second_time_there_is_nothing(self, lotse: Operator, told: Session) -> None:
        lotse("case", "forget", "KIM-1042", "--yes")
        assert "keine Einwilligungserklärung" in lotse("case", "forget", "KIM-1042", "--yes").refusal


class TestKeys:
    @pytest.fixture
    def sealed(self, office: Session) -> Session:
        for number in range(3):
            keep_feedback(
                office, kind=FeedbackKind.PASSED_ON, question=f"Frage {number}", entries=[], now=system_clock()
            )
        office.commit()
        return office

    def test_a_new_key_is_one_and_never_the_same(self, lotse: Operator) -> None:
        keys = [lotse("keys", "new").out.strip() for _ in range(2)]
        assert all(Fernet(key) for key in keys)
        assert keys[0] != keys[1]
        assert not lotse.data_dir.exists()

    def test_the_key_file_is_its_owners_only(self, lotse: Operator, sealed: Session) -> None:
        lotse("keys", "rotate")
        assert stat.S_IMODE((lotse.data_dir / KEY_FILE).stat().st_mode) == 0o600

    def test_renewing_makes_the_old_key_useless(self, lotse: Operator, sealed: Session) -> None:
        file = lotse.data_dir / KEY_FILE
        old = file.read_text().strip()
        sealed.close()
        assert lotse("keys", "rotate").out == "4 Werte sind mit einem neuen Schlüssel versiegelt.\n"
        [new] = file.read_text().split()
        assert new != old
        assert "Frage 2" in lotse("knowledge", "unanswered").out
        file.write_text(old)
        assert "passt nicht" in lotse("knowledge", "unanswered").refusal

    def test_after_renewing_nothing_on_disk_opens_with_the_old_key(self, lotse: Operator, sealed: Session) -> None:
        old = Fernet((lotse.data_dir / KEY_FILE).read_text().strip())
        sealed.close()
        assert opens(old, stored(lotse)) >= 4
        lotse("keys", "rotate")
        assert opens(old, stored(lotse)) == 0

    def test_it_is_refused_while_a_process_serves_and_works_afterwards(self, lotse: Operator, sealed: Session) -> None:
        before = (lotse.data_dir / KEY_FILE).read_text()
        with hold_store(lotse.database):
            assert lotse("keys", "rotate").refusal.startswith("Fehler: Der Lotse läuft noch")
            assert (lotse.data_dir / KEY_FILE).read_text() == before
            assert "Frage 1" in lotse("knowledge", "unanswered").out
        assert lotse("keys", "rotate").code == 0
        assert (lotse.data_dir / KEY_FILE).read_text() != before

    def test_keys_of_the_environment_are_renewed_by_putting_a_new_one_first(self, lotse: Operator) -> None:
        old, new = new_key(), new_key()
        with Session(open_store(lotse.database, keys=old)) as session:
            keep_feedback(session, kind=FeedbackKind.PASSED_ON, question="Frage", entries=[], now=system_clock())
            session.commit()
        assert not (lotse.data_dir / KEY_FILE).exists()
        ran = lotse("keys", "rotate", LOTSE_KEYS=f"{new}, {old}")
        assert ran.out == (
            "2 Werte sind mit dem ersten Schlüssel in LOTSE_KEYS versiegelt.\n"
            "Weitere Schlüssel dort können jetzt weg.\n"
        )
        assert "Frage" in lotse("knowledge", "unanswered", LOTSE_KEYS=new).out
        assert "passt nicht" in lotse("knowledge", "unanswered", LOTSE_KEYS=old).refusal
        assert not (lotse.data_dir / KEY_FILE).exists()

    def test_an_interrupted_renewal_goes_on_with_the_next(self, lotse: Operator, sealed: Session) -> None:
        """The new key is on disk, nothing is sealed with it yet."""
        file = lotse.data_dir / KEY_FILE
        file.write_text(f"{new_key()}\n{file.read_text()}")
        assert "Frage 1" in lotse("knowledge", "unanswered").out
        lotse("keys", "rotate")
        assert len(file.read_text().split()) == 1
        assert "Frage 1" in lotse("knowledge", "unanswered").out


def opens(key: Fernet, content: bytes) -> int:
    """How many of the sealed values in there the key opens."""
    opened = 0
    for token in SEALED.findall(content):
        try:
            key.decrypt(token)
        except InvalidToken:
            continue
        opened += 1
    return opened


COMMANDS = [
    "staff list", "staff invite lotse-1", "staff role lotse-1 admin", "staff share lotse-1 0.5", "status",
    "staff absent lotse-1 --deputy lotse-2 --from 2099-01-01 --to 2099-01-02", "case import fälle.csv --owner lotse-1",
    "case hand-over KIM-1042 --to lotse-2", "case forget KIM-1042 --yes", "keys rotate", "knowledge unanswered",
    "knowledge done 1", "staff disable lotse-1",
]  # fmt: skip
SERVING = ["setup", "run --no-chat", "ask Frist?"]


class TestWithoutTheRightKey:
    @pytest.fixture(params=["missing", "another", "damaged", "another in the environment", "damaged there"])
    def locked(self, request: pytest.FixtureRequest, lotse: Operator, office: Session) -> dict[str, str]:
        """The variables under which no key fits."""
        opened(office)
        office.close()
        file = lotse.data_dir / KEY_FILE
        match request.param:
            case "missing":
                file.unlink()
            case "another":
                file.write_text(new_key())
            case "damaged":
                file.write_text("kein Schlüssel", "utf-8")
            case "another in the environment":
                return {"LOTSE_KEYS": new_key()}
            case _:
                return {"LOTSE_KEYS": "quatsch"}
        return {}

    def test_every_command_that_needs_it_is_refused_in_one_german_line(
        self, lotse: Operator, locked: dict[str, str]
    ) -> None:
        for command in COMMANDS:
            ran = lotse(*command.split(), **locked)
            assert ran.refusal == ran.err.strip(), command
            assert ran.out == "", command
            assert "LOTSE_KEYS" in ran.refusal or KEY_FILE in ran.refusal
            assert "bitte" in ran.refusal

    def test_nothing_is_replaced(self, lotse: Operator, locked: dict[str, str]) -> None:
        kept = {file.name: file.read_bytes() for file in lotse.data_dir.glob("lotse.*")}
        for command in COMMANDS:
            lotse(*command.split(), **locked)
        assert (lotse.data_dir / KEY_FILE).exists() == (KEY_FILE in kept)
        if KEY_FILE in kept:
            assert (lotse.data_dir / KEY_FILE).read_bytes() == kept[KEY_FILE]


@pytest.mark.parametrize("command", SERVING)
def test_what_serves_does_not_start_without_the_right_key(lotse: Operator, office: Session, command: str) -> None:
    office.close()
    (lotse.data_dir / KEY_FILE).write_text(new_key())
    ran = separately(lotse, *command.split())
    assert ran.refusal == ran.err.strip()
    assert "passt nicht" in ran.refusal
    assert ran.out == ""


class TestMasking:
    def masked(self, lotse: Operator, *texts: str) -> list[dict[str, Any]]:
        ran = lotse("mask", "--json", stdin="".join(f"{text}\n" for text in texts))
        assert (ran.code, ran.err) == (0, "")
        found = [json.loads(line) for line in ran.out.split("\n")[:-1]]
        assert [one["text"] for one in found] == list(texts)
        assert [list(one) for one in found] == [["text", "masked", "spans"]] * len(texts)
        return found

    def test_each_line_in_is_one_line_out(self, guarded: Operator) -> None:
        found = self.masked(
            guarded, "Frau Yilmaz ruft an", "", "  ", "Wie hoch ist der Eigenanteil?", "Tel. 0171 2345678", ""
        )
        assert [one["masked"] for one in found] == [
            "Frau [PERSON] ruft an", "", "  ", "Wie hoch ist der Eigenanteil?", "Tel. [PHONE]", "",
        ]  # fmt: skip
        assert [one["spans"] for one in found] == [[[5, 11, "PERSON"]], [], [], [], [[5, 17, "PHONE"]], []]

    def test_the_spans_are_those_of_the_text_as_it_was_given(self, guarded: Operator) -> None:
        texts = [
            "Frau Yil\u00admaz ruft an", "\u200bHerr Bo\u0308hm kommt", "👍🏽 Frau Yilmaz, Tel. 0171 2345678",
            "Frau\tYilmaz ", "\ufeffFrau Yilmaz", "Mail: a.b@example.org\u2028Frau Yilmaz",
        ]  # fmt: skip
        quoted = [[one["text"][start:end] for start, end, _ in one["spans"]] for one in self.masked(guarded, *texts)]
        assert quoted == [
            ["Yil\u00admaz"], ["Bo\u0308hm"], ["Yilmaz", "0171 2345678"], ["Yilmaz"], ["Yilmaz"],
            ["a.b@example.org", "Yilmaz"],
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "text", ["a:x:b", ":warning:", "[bold]fett[/bold]", "[/]", "\\[b]", "\x1b[31mrot\x1b[0m", '"']
    )
    def test_what_looks_like_markup_is_text(self, guarded: Operator, text: str) -> None:
        [found] = self.masked(guarded, text)
        assert guarded("mask", stdin=f"{text}\n").out == f"{found['masked']}\n"

    def test_a_text_of_ten_thousand_characters_full_of_names_stays_one_line(self, guarded: Operator) -> None:
        text = ("Frau Yilmaz und Herr Müller waren da, Tel. 0171 2345678. " * 200)[:10_000]
        began = time.monotonic()
        [found] = self.masked(guarded, text)
        assert time.monotonic() - began < 20
        assert "Yilmaz" not in found["masked"]
        assert "2345678" not in found["masked"]
        assert len(found["spans"]) >= 3 * (10_000 // 58)

    def test_spans_lie_in_order_side_by_side_and_the_rest_stays(self, guarded: Operator) -> None:
        texts = [
            "Fatima Al-Sayed, geb. 01.02.1990, DE89 3704 0044 0532 0130 00",
            "Herr Nguyen wohnt Hauptstr. 5, 50667 Köln, mail n@example.org",
            "KIM-1042: Frau Kowalska, Termin am 01.12.2026",
        ]
        for one in self.masked(guarded, *texts):
            rebuilt, at = "", 0
            for start, end, label in one["spans"]:
                assert at <= start < end <= len(one["text"])
                rebuilt += one["text"][at:start] + f"[{label}]"
                at = end
            assert rebuilt + one["text"][at:] == one["masked"]

    def test_without_json_the_masked_text_is_shown(self, guarded: Operator) -> None:
        ran = guarded("mask", stdin="Frau Yilmaz\n\nKIM-1042 läuft\nletzte Zeile von Herrn Kowalski")
        assert ran.out == "Frau [PERSON]\n\nKIM-1042 läuft\nletzte Zeile von Herrn [PERSON]\n"

    def test_nothing_in_is_nothing_out(self, guarded: Operator) -> None:
        assert guarded("mask", "--json") == Ran(0, "", "")

    def test_line_ends_of_windows_are_no_part_of_the_text(self, guarded: Operator) -> None:
        ran = guarded("mask", "--json", stdin="Hallo\r\nWelt\r\n")
        assert [json.loads(line)["text"] for line in ran.out.splitlines()] == ["Hallo", "Welt"]

    def test_another_encoding_is_refused_by_its_line_without_quoting_it(self, guarded: Operator) -> None:
        ran = guarded("mask", "--json", stdin="gut\nFrau Müller\n".encode("cp1252"))
        assert ran.refusal == "Fehler: Zeile 2 der Eingabe ist kein UTF-8 – bitte die Datei so speichern."
        assert json.loads(ran.out)["text"] == "gut"

    def test_a_broken_guard_lets_nothing_through(self, lotse: Operator) -> None:
        file = names_file(lotse.data_dir / "models")
        file.parent.mkdir(parents=True)
        file.write_bytes(b"PK kaputt")
        ran = lotse("mask", stdin="Frau Yilmaz\n")
        assert ran.refusal
        assert ran.out == ""

    def test_the_store_is_neither_needed_nor_made(self, guarded: Operator) -> None:
        guarded("mask", stdin="Frau Yilmaz\n")
        assert not guarded.database.exists()

    def test_a_guard_that_is_there_is_not_trained_again(
        self, guarded: Operator, knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = names_file(guarded.data_dir / "models")
        made = file.stat().st_mtime_ns
        guard = open_guard(Settings(data_dir=guarded.data_dir), knowledge, Progress())
        assert guard.mask("Frau Yilmaz").text == "Frau [PERSON]"
        assert capsys.readouterr().err == ""
        assert file.stat().st_mtime_ns == made


class TestStatus:
    def test_where_nothing_waits(self, lotse: Operator) -> None:
        assert lotse("status").out.splitlines() == [
            "Chat-Nachrichten, die noch gelöscht werden: 0, davon mit Fehlversuch: 0",
            "Chat-Nachrichten, die nicht mehr gelöscht werden können: 0",
            "Erinnerungen: 0 geplant, 0 überfällig und noch nicht zugestellt",
            "Mitarbeitende, die der Bot nicht erreicht: 0",
            "Offene Einladungen: 0",
            "Offene Notizen der Arbeitsliste: 0",
        ]

    def test_what_waits_failed_and_was_given_up_is_counted(self, lotse: Operator, office: Session) -> None:
        now = system_clock()
        note_messages(
            office, channel="telegram", chat="1", messages=[1, 2, 3, 4, 5], numbers=[],
            sent_at=now, kept_for=timedelta(0),
        )  # fmt: skip
        failing, hopeless, *_ = due_messages(office, channel="telegram", now=now, limit=5)
        failed(office, failing, final=False, now=now)
        failed(office, hopeless, final=True, now=now)
        for kind, question in (
            (FeedbackKind.PASSED_ON, "a"),
            (FeedbackKind.UNHELPFUL, "b"),
            (FeedbackKind.HELPFUL, "c"),
        ):
            keep_feedback(office, kind=kind, question=question, entries=[], now=now)
        anna = enrol(office, channel="telegram", address="1", alias="lotse-9")
        reminder = Reminder(entry_id="e", person_id=anna.id or 0, day=now.date(), created_at=now)
        office.add(reminder)
        office.flush()
        for days in (-1, 1):
            due_at = now + timedelta(days=days)
            add(office, reminder=reminder, day=due_at.date(), due_at=due_at)
        mark_blocked(office, channel="telegram", address="1", now=now)
        office.commit()
        lotse("staff", "invite", "lotse-1")
        assert "hat den Bot blockiert" in lotse("staff", "list").out
        assert lotse("status").out.splitlines() == [
            "Chat-Nachrichten, die noch gelöscht werden: 4, davon mit Fehlversuch: 1",
            "Chat-Nachrichten, die nicht mehr gelöscht werden können: 1",
            "Erinnerungen: 1 geplant, 1 überfällig und noch nicht zugestellt",
            "Mitarbeitende, die der Bot nicht erreicht: 1",
            "Offene Einladungen: 1",
            "Offene Notizen der Arbeitsliste: 2",
        ]


class TestWorkList:
    def test_a_note_is_ticked_off_once(self, lotse: Operator, office: Session) -> None:
        keep_feedback(office, kind=FeedbackKind.PASSED_ON, question="Frage?", entries=[], now=system_clock())
        office.commit()
        assert "1: " in lotse("knowledge", "unanswered").out
        assert lotse("knowledge", "done", "1").out == "Notiz 1 ist erledigt.\n"
        assert lotse("knowledge", "unanswered").out == "Nichts offen.\n"

    def test_one_that_is_not_there_is_named(self, lotse: Operator) -> None:
        assert "Die Notiz 7 gibt es nicht" in lotse("knowledge", "done", "7").refusal


@pytest.mark.skipif(not rasa_python().exists(), reason="Rasas Umgebung ist noch nicht gebaut")
def test_setup_makes_everything_ready_and_again_changes_nothing(guarded: Operator, model: Model) -> None:
    for _ in range(2):
        ran = separately(guarded, "setup")
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == "Fertig. „make run“ oder „lotse run“ startet den Lotsen.\n"
        assert stat.S_IMODE(guarded.database.stat().st_mode) == 0o600
    listed = guarded("staff", "list").out.splitlines()[1:]
    assert [line.split()[0] for line in listed] == ["lokal"]
    assert listed[0].endswith("1 terminal")


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (None, "https://api.telegram.org"),
        ("https://bot.example.org", "https://bot.example.org"),
        ("https://bot.example.org/", "https://bot.example.org"),
        ("https://bot.example.org/bot", "https://bot.example.org"),
        ("https://bot.example.org/bot/", "https://bot.example.org"),
        ("https://example.org/telegram-bot", "https://example.org/telegram-bot"),
    ],
)
def test_the_api_is_found_however_its_address_ends(settings: Settings, url: str | None, root: str) -> None:
    settings.telegram_api_url = url
    assert api_roots(settings) == (f"{root}/bot", f"{root}/file/bot")
