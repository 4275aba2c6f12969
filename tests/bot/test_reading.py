"""`lotse understand`: intent and slots of a message, of many, and of what is no message; nothing is done or kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actions.practice import load_practice
from actions.requests import requests_of
from bot.reading import Line, Reading, read_lines
from bot.runtime.environments import ROOT
from bot.runtime.model import Model
from knowledge.errors import LotseError
from knowledge.load import Knowledge
from knowledge.ranking import Ranker
from tests.bot.operating import Operator

MONDAY = datetime(2026, 11, 23, 10, 30)  # noqa: DTZ001 - local to Germany, as a person types it
TALK = "Kurzberatung KIM-1042 20 min telefonisch wegen Wohnen"
TALK_READ = {
    "intent": "log_consultation",
    "slots": {"case": "KIM-1042", "duration_min": 20, "channel": "telefon", "topics": ["Wohnen"]},
}
TOMORROW = "Erinnere mich morgen um 9 an KIM-1042 Jobcenter anrufen"
DEADLINE = "Bis wann muss der Antrag fürs nächste Jahr raus?"


@pytest.fixture
def reading(ranker: Ranker, knowledge: Knowledge) -> Reading:
    return Reading(ranker, requests_of(load_practice(knowledge)))


@pytest.fixture
def lotse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: Model
) -> Operator:
    """With the trained model at hand, as after `lotse setup`."""
    operator = Operator(tmp_path / "data", monkeypatch, capsys)
    operator.data_dir.mkdir()
    (operator.data_dir / "models").symlink_to(ROOT / ".lotse" / "models")
    return operator


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "nachrichten.jsonl"


class TestReading:
    @pytest.mark.parametrize(
        ("text", "intent", "slots"),
        [
            (TALK, "log_consultation", TALK_READ["slots"]),
            (
                "kim 1042 gestern 25 minuten persönlich, Sprache und Wohnen, wv 30.11.",
                "log_consultation",
                {
                    "case": "KIM-1042", "date": "2026-11-22", "duration_min": 25, "channel": "persoenlich",
                    "topics": ["Sprache", "Wohnen"], "follow_up": "2026-11-30",
                },
            ),
            (
                TOMORROW,
                "set_reminder",
                {"case": "KIM-1042", "due": "2026-11-24T09:00:00+01:00", "subject": "Jobcenter anrufen"},
            ),
            (
                "erinnere mich jeden Montag um 8 an die Statistik",
                "set_reminder",
                {"due": "2026-11-30T08:00:00+01:00", "repeat": "weekly", "subject": "Statistik"},
            ),
            ("fall anlegen kim-1042", "case", {"case": "KIM-1042"}),
            ("kim-1042 und kim-1043 abschließen", "case", {}),
            (DEADLINE, "faq", {}),
            ("wer ist bei uns zuständig?", "faq", {}),
            ("Wie wird das Wetter morgen?", "out_of_scope", {}),
            ("danke", "smalltalk", {}),
            ("hallo", "smalltalk", {}),
            ("", "out_of_scope", {}),
            ("👍", "out_of_scope", {}),
        ],
        ids=lambda value: value[:20] if isinstance(value, str) else "",
    )  # fmt: skip
    def test_intent_and_what_was_said_of_it(
        self, reading: Reading, text: str, intent: str, slots: dict[str, Any]
    ) -> None:
        assert reading.read(text, MONDAY) == {"intent": intent, "slots": slots}

    def test_a_moment_is_taken_where_it_was_and_read_in_germany(self, reading: Reading) -> None:
        """Half an hour before midnight in UTC it is tomorrow in Germany."""
        late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
        assert reading.read(TOMORROW, late)["slots"]["due"] == "2026-11-25T09:00:00+01:00"
        assert reading.read(TOMORROW, late.replace(tzinfo=None))["slots"]["due"] == "2026-11-24T09:00:00+01:00"

    def test_across_the_change_of_clocks_nine_stays_nine(self, reading: Reading) -> None:
        before = datetime(2027, 3, 27, 12, 0)  # noqa: DTZ001
        assert reading.read(TOMORROW, before)["slots"]["due"] == "2027-03-28T09:00:00+02:00"

    @pytest.mark.parametrize("text", ["x" * 10_000, "KIM-1042 " * 1000, "\x00\ud83d", "'; DROP TABLE case; --"])
    def test_whatever_is_typed_something_is_said(self, reading: Reading, text: str) -> None:
        read = reading.read(text, MONDAY)
        assert read["intent"]
        assert json.dumps(read)


class TestLines:
    def test_each_message_with_its_own_time(self, file: Path) -> None:
        file.write_text(
            '{"q": "eins", "now": "2026-11-23T09:00:00Z"}\n\n{"q": "zwei", "now": "2026-11-23T10:30", "id": 7}\n'
            '{"q": "drei", "now": null}\n{"q": ""}',
            "utf-8",
        )
        assert list(read_lines(file)) == [
            Line(q="eins", now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC)),
            Line(q="zwei", now=MONDAY),
            Line(q="drei"),
            Line(q=""),
        ]

    def test_line_breaks_of_other_kinds_stay_in_the_message(self, file: Path) -> None:
        text = "eins\u2028zwei\u2029drei\u0085vier"
        file.write_text(json.dumps({"q": text}, ensure_ascii=False) + "\r\n", "utf-8", newline="")
        assert [line.q for line in read_lines(file)] == [text]

    @pytest.mark.parametrize(
        "broken",
        ["kein JSON", "[]", "7", '"q"', "{}", '{"q": null}', '{"q": 7}', '{"q": "x", "now": "gestern"}', '{"q": "x"'],
    )
    def test_a_broken_one_is_named_and_not_quoted(self, file: Path, broken: str) -> None:
        file.write_text(f'{{"q": "gut"}}\n\n{broken}\n{{"q": "nie gelesen"}}\n', "utf-8")
        lines = read_lines(file)
        assert next(lines).q == "gut"
        with pytest.raises(LotseError) as caught:
            next(lines)
        assert caught.value.sentence == "nachrichten.jsonl, Zeile 3: keine gültige Nachricht – bitte berichtigen."

    @pytest.mark.parametrize("content", [None, b"\xff\xfe", '{"q": "f\xfcr"}'.encode("latin-1")])
    def test_a_file_that_cannot_be_read_is_named(self, file: Path, content: bytes | None) -> None:
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(LotseError, match=r"nachrichten\.jsonl lässt sich nicht lesen"):
            list(read_lines(file))

    def test_an_empty_file_holds_none(self, file: Path) -> None:
        file.touch()
        assert list(read_lines(file)) == []


class TestCommand:
    def test_one_message_as_json_is_one_line(self, lotse: Operator) -> None:
        ran = lotse("understand", TALK, "--json", "--now", "2026-11-23T10:30")
        [line] = ran.out.splitlines()
        assert json.loads(line) == TALK_READ
        assert (ran.code, ran.err) == (0, "")

    def test_without_json_it_is_shown_to_read(self, lotse: Operator) -> None:
        assert lotse("understand", "fall anlegen kim-1042").out == "case\n  case: KIM-1042\n"

    @pytest.mark.parametrize(
        ("now", "due"),
        [
            ("2026-11-23", "2026-11-24T09:00:00+01:00"),
            ("2026-11-23T23:30", "2026-11-24T09:00:00+01:00"),
            ("2026-11-23T23:30:00", "2026-11-24T09:00:00+01:00"),
            ("2026-11-23T23:30Z", "2026-11-25T09:00:00+01:00"),
            ("2026-11-23T23:30:00+00:00", "2026-11-25T09:00:00+01:00"),
            ("2026-11-24T04:00:00+05:30", "2026-11-24T09:00:00+01:00"),
        ],
    )
    def test_the_time_of_writing_is_given_in_many_ways(self, lotse: Operator, now: str, due: str) -> None:
        ran = lotse("understand", TOMORROW, "--json", "--now", now)
        assert json.loads(ran.out)["slots"]["due"] == due

    def test_without_a_time_it_is_now(self, lotse: Operator) -> None:
        before = datetime.now(UTC)
        due = datetime.fromisoformat(json.loads(lotse("understand", TOMORROW, "--json").out)["slots"]["due"])
        assert 0 < (due - before).total_seconds() < 48 * 3600

    def test_no_time_is_a_wrong_use(self, lotse: Operator) -> None:
        assert lotse("understand", TALK, "--now", "gestern").code == 2

    def test_a_file_is_read_line_by_line_each_at_its_own_time(self, lotse: Operator, file: Path) -> None:
        lines = [
            {"q": TOMORROW, "now": "2026-11-30T12:00"}, {"q": TALK}, {"q": DEADLINE}, {"q": TOMORROW},
        ]  # fmt: skip
        file.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
        ran = lotse("understand", "--file", str(file), "--now", "2026-11-23")
        first, talk, question, last = (json.loads(line) for line in ran.out.splitlines())
        assert first["slots"]["due"] == "2026-12-01T09:00:00+01:00"
        assert talk == TALK_READ
        assert question == {"intent": "faq", "slots": {}}
        assert last["slots"]["due"] == "2026-11-24T09:00:00+01:00"

    def test_a_broken_line_ends_it_after_what_was_good(self, lotse: Operator, file: Path) -> None:
        file.write_text(f'{{"q": "{TALK}"}}\nkaputt\n', "utf-8")
        ran = lotse("understand", "--file", str(file))
        assert ran.refusal.startswith("Fehler: nachrichten.jsonl, Zeile 2:")
        assert json.loads(ran.out) == TALK_READ

    def test_a_file_that_is_not_there_is_named(self, lotse: Operator, file: Path) -> None:
        assert str(file) in lotse("understand", "--file", str(file)).refusal

    def test_one_or_the_other_is_asked_for(self, lotse: Operator, file: Path) -> None:
        file.touch()
        for arguments in ([], [TALK, "--file", str(file)]):
            assert lotse("understand", *arguments).refusal == "Fehler: Bitte eine Nachricht oder --file angeben."

    def test_nothing_is_stored_not_even_a_store(self, lotse: Operator) -> None:
        lotse("understand", TALK)
        kept = {entry.name for entry in lotse.data_dir.iterdir()}
        assert kept == {"models", "training", "training.lock"}
        written = [path for path in (lotse.data_dir / "training").rglob("*") if path.is_file()]
        assert written
        assert not [path for path in written if TALK.encode() in path.read_bytes()]
