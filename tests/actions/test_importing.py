"""Imports: all rows or none, every broken row named, and no case without a consent."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from actions.access import OPERATOR
from actions.cases import CaseError
from actions.importing import MOST_ROWS, ImportRefusedError, import_cases, read_rows
from actions.store.models import Case, Role
from knowledge.casework import load_casework
from tests.actions.conftest import NOW, NUMBER, TODAY, Enrol, OpenCase, acting, count, events

CASEWORK = load_casework()
HEAD = "nummer;form;start;einwilligung\n"
GOOD = "KIM-1042;Kurzberatung;01.10.2026;02.10.2026\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fälle.csv"


def imported(session: Session, person: Enrol, file: Path, signed_on: date | None = None) -> int:
    return import_cases(
        session,
        by=OPERATOR,
        owner=person("lotse-1"),
        file=file,
        casework=CASEWORK,
        signed_on=signed_on,
        now=NOW,
    )


def refusal(session: Session, person: Enrol, file: Path, content: str | bytes) -> ImportRefusedError:
    """Why nothing of this content was imported."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ImportRefusedError) as caught:
        imported(session, person, file)
    assert count(session, Case) == 0
    return caught.value


class TestGoodFiles:
    @pytest.mark.parametrize(
        "content",
        [
            HEAD + GOOD,
            "Nummer,Form,Start,Einwilligung\nkim 1042,KB,2026-10-01,2026-10-02\n",
            "Fallnummer;Beratungsform;Beginn;Einwilligung vom\n1042;kurzberatung;1.10.26;2.10.26\n",
            "name;einwilligung;start;form;nummer\nwird nicht gelesen;02.10.2026;01.10.2026;Kurzberatung;Fall 1042\n",
            HEAD.replace("\n", "\r\n") + GOOD.replace("\n", "\r\n"),
            (HEAD + GOOD).replace("\n", "\r"),
            "\ufeff" + HEAD + GOOD,
            HEAD + "\n;;;\n" + GOOD + "\n",
            HEAD + '"KIM-1042";"Kurzberatung";"01.10.2026";"02.10.2026"',
            HEAD + GOOD.rstrip() + ";mehr;noch mehr\n",
        ],
        ids=["plain", "iso", "other words", "other order", "windows", "old mac", "bom", "gaps", "quoted", "too long"],
    )
    def test_the_case_is_there_as_the_row_says(self, session: Session, person: Enrol, file: Path, content: str) -> None:
        file.write_bytes(content.encode())
        assert imported(session, person, file) == 1
        case = session.exec(select(Case)).one()
        assert (case.number, case.form) == (NUMBER, "short")
        assert (case.started_on, case.consent_signed_on) == (date(2026, 10, 1), date(2026, 10, 2))
        assert (case.owner_id, case.consent_confirmed_at) == (person("lotse-1").id, NOW)

    def test_what_a_spreadsheet_of_windows_writes_is_read(self, session: Session, person: Enrol, file: Path) -> None:
        content = "nummer;form;start;einwilligung;größe\n" + GOOD.rstrip() + ";übergroß\n"
        file.write_bytes(content.encode("cp1252"))
        assert imported(session, person, file) == 1

    def test_one_day_may_be_given_for_all_who_do_not_say_it(self, session: Session, person: Enrol, file: Path) -> None:
        file.write_text(HEAD + GOOD + "KIM-1043;Case Management;01.10.2026;\n")
        assert imported(session, person, file, TODAY) == 2
        signed = session.exec(select(Case.consent_signed_on).order_by(col(Case.number))).all()
        assert signed == [date(2026, 10, 2), TODAY]

    def test_each_case_is_in_the_audit(self, session: Session, person: Enrol, file: Path) -> None:
        file.write_text(HEAD + GOOD + GOOD.replace("1042", "1043"))
        imported(session, person, file)
        session.flush()
        assert events(session) == ["case opened with consent"] * 2

    def test_as_many_rows_as_are_allowed(self, file: Path) -> None:
        file.write_text(HEAD + "".join(f"KIM-{n:04};KB;01.10.2026;01.10.2026\n" for n in range(1, MOST_ROWS)))
        rows, problems = read_rows(file, CASEWORK, None, TODAY)
        assert (len(rows), problems) == (MOST_ROWS - 1, {})


class TestBrokenRows:
    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ("KIM-104;Kurzberatung;01.10.2026;02.10.2026", "keine Fallnummer wie"),
            (";Kurzberatung;01.10.2026;02.10.2026", "keine Fallnummer wie"),
            ("KIM-1042 KIM-1043;Kurzberatung;01.10.2026;02.10.2026", "keine Fallnummer wie"),
            ("KIM-1042;Langberatung;01.10.2026;02.10.2026", "die Beratungsform ist nicht"),
            ("KIM-1042;;01.10.2026;02.10.2026", "die Beratungsform ist nicht"),
            ("KIM-1042;Kurzberatung;31.02.2026;02.10.2026", "das Startdatum fehlt oder ist keines"),
            ("KIM-1042;Kurzberatung;;02.10.2026", "das Startdatum fehlt oder ist keines"),
            ("KIM-1042;Kurzberatung;24.11.2026;02.10.2026", "das Startdatum liegt in der Zukunft"),
            ("KIM-1042;Kurzberatung;01.10.2026;gestern", "das Datum der Einwilligung fehlt oder ist keines"),
            ("KIM-1042;Kurzberatung;01.10.2026;24.11.2026", "das Datum der Einwilligung liegt in der Zukunft"),
            ("KIM-1042;Kurzberatung;01.10.2026;", "KIM-1042 hat kein Datum der Einwilligung"),
            ("KIM-1042;Kurzberatung;01.10.2026", "KIM-1042 hat kein Datum der Einwilligung"),
            ("KIM-1042", "die Beratungsform ist nicht"),
        ],
    )
    def test_is_named_by_its_line_and_nothing_is_imported(
        self, session: Session, person: Enrol, file: Path, row: str, problem: str
    ) -> None:
        error = refusal(session, person, file, HEAD + GOOD.replace("1042", "1050") + row + "\n")
        (said,) = error.problems
        assert said.startswith(f"Zeile 3: {problem}")
        assert said.endswith(".")

    def test_all_of_them_in_their_order(self, session: Session, person: Enrol, file: Path) -> None:
        content = HEAD + "x;KB;01.10.2026;01.10.2026\n" + GOOD + GOOD + "KIM-1044;y;01.10.2026;01.10.2026\n"
        error = refusal(session, person, file, content)
        assert [said[:7] for said in error.problems] == ["Zeile 2", "Zeile 4", "Zeile 5"]
        assert "steht schon in Zeile 3" in error.problems[1]

    def test_a_number_twice_in_two_ways_of_typing_is_twice(self, session: Session, person: Enrol, file: Path) -> None:
        error = refusal(session, person, file, HEAD + GOOD + "kim 1042;KB;01.10.2026;01.10.2026\n")
        assert error.problems == ["Zeile 3: KIM-1042 steht schon in Zeile 2."]

    def test_a_case_that_is_there_is_named(self, session: Session, person: Enrol, opened: OpenCase, file: Path) -> None:
        opened(person("lotse-2"))
        file.write_text(HEAD + GOOD + GOOD.replace("1042", "1043"))
        with pytest.raises(ImportRefusedError) as caught:
            imported(session, person, file)
        assert caught.value.problems == ["Zeile 2: KIM-1042 ist schon angelegt."]
        assert count(session, Case) == 1

    def test_nothing_of_a_row_is_quoted_but_the_number(self, session: Session, person: Enrol, file: Path) -> None:
        error = refusal(session, person, file, HEAD + "Xanthippe Z.;Yilmaz;Zora;Q\nKIM-1042;Xanthippe;Zora;Q\n")
        said = " ".join([error.sentence, *error.problems])
        assert not [name for name in ("Xanthippe", "Yilmaz", "Zora") if name in said]


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "braucht die Spalten"),
            ("\n\n", "braucht die Spalten"),
            ("nummer;form\nKIM-1042;KB\n", "braucht die Spalten"),
            ("nummer;form;start\n" + GOOD, "dazu einwilligung oder --consent-signed"),
            (HEAD, "enthält keine Fälle"),
            (HEAD + ";;;\n", "enthält keine Fälle"),
            (b"PK\x03\x04\x81\x8d\x8f\x90\x9d" + bytes(range(256)), "ist keine Textdatei"),
            ("nummer;fall;form;start;einwilligung\nKIM-1042;KIM-1043;KB;01.10.2026;01.10.2026\n", "zweimal"),
            (HEAD + "x" * 200_000 + ";KB;01.10.2026;01.10.2026\n", "nicht lesen"),
            (HEAD + GOOD * (MOST_ROWS + 1), "hat mehr als 5000 Zeilen"),
        ],
        ids=["empty", "blank", "no start", "no consent", "no rows", "blank rows", "binary", "twice", "huge", "long"],
    )
    def test_is_refused_in_one_german_line(
        self, session: Session, person: Enrol, file: Path, content: str | bytes, said: str
    ) -> None:
        sentence = refusal(session, person, file, content).sentence
        assert said in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")

    def test_one_that_is_not_there_is_named(self, session: Session, person: Enrol, file: Path) -> None:
        for missing in (file, file.parent):
            with pytest.raises(ImportRefusedError, match="lässt sich nicht lesen"):
                imported(session, person, missing)

    @hypothesis_settings(derandomize=True, deadline=None)
    @given(st.one_of(st.binary(), st.text("KIM-1042;,\n\r\"' .äx0123456789").map(lambda rows: (HEAD + rows).encode())))
    def test_whatever_it_holds_it_is_read_or_refused(
        self, tmp_path_factory: pytest.TempPathFactory, content: bytes
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "anything.csv"
        file.write_bytes(content)
        try:
            rows, problems = read_rows(file, CASEWORK, TODAY, TODAY)
        except ImportRefusedError as error:
            assert error.sentence.endswith(".")
        else:
            assert rows or problems
            assert all(row.started_on <= TODAY and row.signed_on <= TODAY for _, row in rows)


class TestWhoAndWhen:
    def test_an_owner_who_may_hold_no_cases_gets_none(self, session: Session, person: Enrol, file: Path) -> None:
        file.write_text(HEAD + GOOD)
        with pytest.raises(CaseError, match="führt keine Fälle"):
            import_cases(
                session,
                by=OPERATOR,
                owner=person("admin-1", Role.ADMIN),
                file=file,
                casework=CASEWORK,
                signed_on=None,
                now=NOW,
            )
        session.rollback()
        assert count(session, Case) == 0

    def test_a_consent_of_tomorrow_for_all_is_none(self, session: Session, person: Enrol, file: Path) -> None:
        file.write_text(HEAD + GOOD + "KIM-1043;KB;01.10.2026;\n")
        with pytest.raises(CaseError, match="Zukunft"):
            imported(session, person, file, TODAY + timedelta(days=1))
        session.rollback()
        assert count(session, Case) == 0

    def test_by_a_person_it_is_confirmed_by_that_person(self, session: Session, person: Enrol, file: Path) -> None:
        file.write_text(HEAD + GOOD)
        owner, by = person("lotse-1"), person("lotse-2")
        import_cases(session, by=acting(by), owner=owner, file=file, casework=CASEWORK, signed_on=None, now=NOW)
        assert session.exec(select(Case.consent_confirmed_by)).one() == by.id
