"""Keys: nothing of what people write is readable in the files, and without the right key nothing is opened."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Text, type_coerce
from sqlmodel import Session, col, select, text, update

from actions.drafts import draft_of, keep_draft
from actions.people import enrol
from actions.store.buttons import meaning_of, remember_button
from actions.store.engine import open_store, pseudonym
from actions.store.models import Button, Draft, Feedback, FeedbackKind, Secret
from actions.store.records import add_reason, keep_feedback, work_list
from actions.store.rotation import reseal_everything
from actions.store.vault import (
    KEY_FILE,
    KeyUnusableError,
    keyed_hash,
    new_key,
    read_key_file,
    split_keys,
    vault_of,
    write_key_file,
)
from tests.actions.conftest import NOW, NUMBER, Enrol, OpenCase

QUICK = settings(derandomize=True, deadline=None)
QUESTION = "Gilt das auch für Xanthippe?"
REASON = "Zäsur zwei"
NOTE = "Wohnung in Sicht, Zahnbürste"
MISSING = r"^Der Schlüssel zur Datenbank fehlt – bitte LOTSE_KEYS setzen oder lotse\.key neben die Datenbank legen\.$"
WRONG = r"^Der Schlüssel passt nicht zur Datenbank – .*\.$"
DAMAGED = r"^Ein Schlüssel in LOTSE_KEYS oder lotse\.key ist beschädigt – .*\.$"


@pytest.fixture
def engine(sqlite_store: Engine) -> Engine:
    return sqlite_store


def fill(engine: Engine) -> str:
    """Something in every encrypted column; returns the id of the button."""
    with Session(engine) as session:
        note = keep_feedback(session, kind=FeedbackKind.UNHELPFUL, question=QUESTION, entries=["faq-27"], now=NOW)
        add_reason(session, feedback=note, reason=REASON)
        meaning = {"do": "show_case", "number": "KIM-9999"}
        button = remember_button(session, conversation="telegram:1", meaning=meaning, case_id=None, now=NOW)
        session.commit()
        return button


def readable(engine: Engine, button: str) -> bool:
    with Session(engine) as session:
        (note,) = work_list(session)
        meaning = meaning_of(session, conversation="telegram:1", button=button)
        return (note.question, note.reason, meaning) == (
            QUESTION,
            REASON,
            {"do": "show_case", "number": "KIM-9999"},
        )


def sealed_values(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        union = (
            "SELECT question FROM feedback UNION ALL SELECT reason FROM feedback WHERE reason IS NOT NULL UNION ALL "
            "SELECT meaning FROM button UNION ALL SELECT content FROM draft UNION ALL SELECT value FROM secret"
        )
        return [row[0] for row in connection.execute(text(union))]


class TestAtRest:
    def test_no_file_holds_a_readable_text(
        self, engine: Engine, session: Session, person: Enrol, opened: OpenCase, tmp_path: Path
    ) -> None:
        owner = person("lotse-1")
        keep_draft(session, person=owner, kind="consultation", case=opened(owner), content={"note": NOTE}, now=NOW)
        session.commit()
        fill(engine)
        content = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
        assert NUMBER.encode() in content  # what is no free text is there to be found, so the search is a real one
        for secret in (QUESTION, REASON, NOTE, "Xanthippe", "Zahnb", "KIM-9999", "show_case"):
            assert secret.encode() not in content
            assert secret.encode("utf-16-le") not in content
        engine.dispose()
        content = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
        assert b"Xanthippe" not in content

    @QUICK
    @given(st.text(), st.text(max_size=3))
    def test_anything_comes_back_and_the_same_text_never_looks_the_same(self, secret: str, more: str) -> None:
        vault = vault_of([new_key()])
        assert vault.open(vault.seal(secret)) == secret
        assert vault.seal(secret + more) != vault.seal(secret + more)

    def test_what_was_tampered_with_is_not_opened(self) -> None:
        vault = vault_of([new_key()])
        sealed = vault.seal("Text")
        for broken in (
            sealed[:-2],
            "A" + sealed[1:],
            sealed[:20] + ("B" if sealed[20] != "B" else "C") + sealed[21:],
            "",
        ):
            with pytest.raises(KeyUnusableError, match=WRONG):
                vault.open(broken)

    def test_a_hash_is_the_same_for_the_same_number_and_key_only(self) -> None:
        assert keyed_hash("KIM-1042", "a") == keyed_hash("KIM-1042", "a")
        assert len({keyed_hash(number, key) for number in ("KIM-1042", "KIM-1043") for key in ("a", "b")}) == 4


class TestKeyFile:
    def test_it_is_made_beside_the_store_for_its_owner_alone(self, engine: Engine, tmp_path: Path) -> None:
        file = tmp_path / "data" / KEY_FILE
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(read_key_file(file)) == 1
        assert not list(file.parent.glob("*.part"))

    def test_one_that_others_could_read_is_closed_to_them(self, engine: Engine, tmp_path: Path) -> None:
        engine.dispose()
        file = tmp_path / "data" / KEY_FILE
        file.chmod(0o644)
        open_store(tmp_path / "data" / "lotse.db").dispose()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_what_a_crash_left_behind_does_not_open_it_to_others(self, tmp_path: Path) -> None:
        left = tmp_path / f"{KEY_FILE}.part"
        left.touch()
        left.chmod(0o666)
        write_key_file(tmp_path / KEY_FILE, ["k"])
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
        assert read_key_file(tmp_path / KEY_FILE) == ["k"]

    def test_none_is_made_where_the_environment_gives_a_key(self, tmp_path: Path) -> None:
        open_store(tmp_path / "lotse.db", keys=new_key()).dispose()
        assert not (tmp_path / KEY_FILE).exists()

    def test_opening_again_needs_no_more_than_the_file(self, engine: Engine, tmp_path: Path) -> None:
        button = fill(engine)
        engine.dispose()
        again = open_store(tmp_path / "data" / "lotse.db")
        assert readable(again, button)
        again.dispose()


class TestWithoutTheRightKey:
    @pytest.fixture
    def file(self, engine: Engine, tmp_path: Path) -> Path:
        fill(engine)
        engine.dispose()
        return tmp_path / "data" / "lotse.db"

    def test_a_missing_key_is_said_with_the_remedy_and_no_new_one_is_made(self, file: Path) -> None:
        file.with_name(KEY_FILE).unlink()
        with pytest.raises(KeyUnusableError, match=MISSING):
            open_store(file)
        assert not file.with_name(KEY_FILE).exists()

    @pytest.mark.parametrize("content", ["", "\n\n"])
    def test_an_empty_key_file_is_a_missing_key(self, file: Path, content: str) -> None:
        file.with_name(KEY_FILE).write_text(content)
        with pytest.raises(KeyUnusableError, match=MISSING):
            open_store(file)
        assert file.with_name(KEY_FILE).read_text() == content

    def test_another_key_does_not_open_it(self, file: Path) -> None:
        file.with_name(KEY_FILE).write_text(new_key())
        with pytest.raises(KeyUnusableError, match=WRONG):
            open_store(file)

    def test_another_key_in_the_environment_does_not_either(self, file: Path) -> None:
        with pytest.raises(KeyUnusableError, match=WRONG):
            open_store(file, keys=new_key())

    @pytest.mark.parametrize("damaged", ["geheim", "ä" * 44, "A" * 40, "A" * 43, "A" * 48, "=" * 44, "\x00"])
    def test_a_damaged_key_is_said_to_be_one_and_never_shown(self, file: Path, damaged: str) -> None:
        with pytest.raises(KeyUnusableError, match=DAMAGED) as caught:
            open_store(file, keys=damaged)
        assert damaged not in caught.value.sentence

    def test_one_damaged_key_among_good_ones_is_not_passed_over(self, file: Path) -> None:
        good = file.with_name(KEY_FILE).read_text().strip()
        with pytest.raises(KeyUnusableError, match=DAMAGED):
            open_store(file, keys=f"{good},geheim")

    @pytest.mark.parametrize("content", [b"\xff\xfe", "schlüssel".encode()])
    def test_a_key_file_that_is_no_text_is_named(self, file: Path, content: bytes) -> None:
        file.with_name(KEY_FILE).write_bytes(content)
        with pytest.raises(KeyUnusableError, match=r"lotse\.key lässt sich nicht lesen"):
            open_store(file)

    def test_a_folder_in_its_place_is_named(self, file: Path) -> None:
        file.with_name(KEY_FILE).unlink()
        file.with_name(KEY_FILE).mkdir()
        with pytest.raises(KeyUnusableError, match=r"lotse\.key lässt sich nicht lesen"):
            open_store(file)

    def test_a_refused_opening_changes_nothing(self, file: Path) -> None:
        key = file.with_name(KEY_FILE).read_text()
        before = file.read_bytes()
        with pytest.raises(KeyUnusableError):
            open_store(file, keys=new_key())
        assert file.read_bytes() == before
        open_store(file, keys=key).dispose()


def test_keys_of_the_environment_may_have_spaces_and_empty_places() -> None:
    assert split_keys(" a, b,,c , ") == ["a", "b", "c"]
    assert split_keys(" , ") == []


class TestRenewal:
    def test_by_file_the_old_key_is_superfluous_afterwards(self, engine: Engine, tmp_path: Path) -> None:
        button = fill(engine)
        file = tmp_path / "data" / KEY_FILE
        (old,) = read_key_file(file)
        keys = [new_key(), old]
        write_key_file(file, keys)
        assert reseal_everything(engine, vault_of(keys)) == 4  # question, reason, button, the key of the hashes
        write_key_file(file, keys[:1])
        engine.dispose()
        renewed = open_store(tmp_path / "data" / "lotse.db")
        assert readable(renewed, button)
        renewed.dispose()
        with pytest.raises(KeyUnusableError, match=WRONG):
            open_store(tmp_path / "data" / "lotse.db", keys=old)

    def test_by_environment_the_old_key_is_superfluous_afterwards(self, tmp_path: Path) -> None:
        old, new = new_key(), new_key()
        first = open_store(tmp_path / "lotse.db", keys=old)
        button = fill(first)
        first.dispose()
        both = open_store(tmp_path / "lotse.db", keys=f"{new},{old}")
        assert readable(both, button)
        reseal_everything(both, vault_of([new, old]))
        both.dispose()
        alone = open_store(tmp_path / "lotse.db", keys=new)
        assert readable(alone, button)
        alone.dispose()

    def test_between_the_two_writings_of_the_file_the_store_still_opens(self, engine: Engine, tmp_path: Path) -> None:
        """A crash after the new key was written, before or after everything was sealed with it."""
        button = fill(engine)
        file = tmp_path / "data" / KEY_FILE
        keys = [new_key(), *read_key_file(file)]
        write_key_file(file, keys)
        before = open_store(tmp_path / "data" / "lotse.db")
        assert readable(before, button)
        reseal_everything(before, vault_of(keys))
        before.dispose()
        after = open_store(tmp_path / "data" / "lotse.db")
        assert readable(after, button)
        after.dispose()

    def test_every_encrypted_column_is_sealed_again(
        self, engine: Engine, session: Session, person: Enrol, opened: OpenCase, tmp_path: Path
    ) -> None:
        owner = person("lotse-1")
        keep_draft(session, person=owner, kind="consultation", case=opened(owner), content={"note": NOTE}, now=NOW)
        session.commit()
        fill(engine)
        new = new_key()
        old = read_key_file(tmp_path / "data" / KEY_FILE)
        reseal_everything(engine, vault_of([new, *old]))
        alone = vault_of([new])
        values = sealed_values(engine)
        assert len(values) == 5
        opened_again = [alone.open(value) for value in values]
        assert any(NOTE in value for value in opened_again)

    def test_hashes_in_the_audit_stay_the_same(self, engine: Engine, tmp_path: Path) -> None:
        with Session(engine) as session:
            before = pseudonym(session, NUMBER)
        keys = [new_key(), *read_key_file(tmp_path / "data" / KEY_FILE)]
        reseal_everything(engine, vault_of(keys))
        engine.dispose()
        renewed = open_store(tmp_path / "data" / "lotse.db", keys=keys[0])
        with Session(renewed) as session:
            assert pseudonym(session, NUMBER) == before
        renewed.dispose()

    @pytest.mark.parametrize("table", [Feedback, Button, Secret])
    def test_one_value_under_a_lost_key_leaves_all_as_they_were(
        self, engine: Engine, tmp_path: Path, table: type
    ) -> None:
        button = fill(engine)
        stranger = vault_of([new_key()]).seal('"fremd"')
        column = {Feedback: Feedback.reason, Button: Button.meaning, Secret: Secret.value}[table]
        with engine.begin() as connection:
            kept = connection.execute(select(type_coerce(col(column), Text))).scalar_one()
            connection.execute(update(table).values({column: type_coerce(stranger, Text)}))
        before = sorted(sealed_values(engine))
        with pytest.raises(KeyUnusableError, match=WRONG):
            reseal_everything(engine, vault_of([new_key(), *read_key_file(tmp_path / "data" / KEY_FILE)]))
        assert sorted(sealed_values(engine)) == before
        with engine.begin() as connection:
            connection.execute(update(table).values({column: type_coerce(kept, Text)}))
        assert readable(engine, button)

    def test_two_stores_in_one_process_keep_their_own_keys(self, tmp_path: Path) -> None:
        stores = [open_store(tmp_path / name / "lotse.db") for name in ("a", "b")]
        buttons = [fill(store) for store in stores]
        assert [readable(store, button) for store, button in zip(stores, buttons, strict=True)] == [True, True]
        assert (tmp_path / "a" / KEY_FILE).read_text() != (tmp_path / "b" / KEY_FILE).read_text()
        for store in stores:
            store.dispose()


def test_a_draft_comes_back_as_it_was(session: Session, opened: OpenCase) -> None:
    owner = enrol(session, channel="telegram", address="1", alias="lotse-1")
    content = {"note": "ä „zitiert“ \x00 🙂", "minutes": 20, "needs": ["housing"], "referral": None}
    keep_draft(session, person=owner, kind="consultation", case=opened(owner), content=content, now=NOW)
    session.commit()
    session.expire_all()
    found = draft_of(session, person=owner, kind="consultation", now=NOW)
    assert found is not None
    assert found.content == content
    assert session.exec(select(Draft)).one() is found
