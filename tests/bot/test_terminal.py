"""The chat in the terminal, read off a console that writes into a string."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot.chain import Chain
from bot.channels.terminal import TerminalChat

DEADLINE = "Bis wann muss der Antrag fürs nächste Jahr raus?"


class Screen:
    """What stands in the terminal, line breaks aside; `new` is what came since it was last asked for."""

    def __init__(self, chain: Chain, exports: Path) -> None:
        self.out = StringIO()
        self.chat = TerminalChat(chain, exports, Console(file=self.out, highlight=False, width=88))
        self._read = 0

    def new(self) -> str:
        text = self.out.getvalue()[self._read :]
        self._read += len(text)
        return on_one_line(text)

    async def types(self, line: str) -> str:
        await self.chat.say(line)
        return self.new()

    async def picks(self, label: str) -> str:
        """Types the number that stands before this label."""
        before = on_one_line(self.out.getvalue()).rsplit(f"] {label}", 1)[0]
        return await self.types(before.rsplit("[", 1)[1])


def on_one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def screen(chain: Chain, tmp_path: Path) -> Screen:
    return Screen(chain, tmp_path / "exports")


def types_all(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("".join(f"{line}\n" for line in lines)))


async def test_a_chat_greets_answers_and_ends(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    types_all(monkeypatch, DEADLINE, "/ende", "Wird nicht mehr gelesen?")
    await screen.chat.run()
    seen = screen.new()
    greeting, answer = seen.index("Fragen Sie mich zu den Regeln"), seen.index("bis Ende Oktober")
    assert greeting < answer < seen.index("Frage 27")
    assert "[1]" in seen
    assert seen.count("👎") == 1


@pytest.mark.parametrize("word", ["/ende", "/exit", "/quit", " /ENDE "])
async def test_the_words_that_end_it(screen: Screen, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    types_all(monkeypatch, word, DEADLINE)
    await screen.chat.run()
    assert "Oktober" not in screen.new()


async def test_the_end_of_a_pipe_ends_it_and_blank_lines_are_nothing(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    types_all(monkeypatch, "", "   ", DEADLINE)
    await screen.chat.run()
    seen = screen.new()
    assert seen.count("Oktober") == 1
    assert "Darin finde ich keine Frage" not in seen


async def test_a_related_entry_is_opened_by_its_number(screen: Screen) -> None:
    first = await screen.types(DEADLINE)
    assert "[2] Antrag stellen" in first
    assert "über das Fachverfahren integration.web" in await screen.types("2")


async def test_topics_are_browsed_by_numbers_down_to_an_entry_and_back(screen: Screen) -> None:
    assert "[4] Baustein 3: ABH und EBH" in await screen.types("/themen")
    assert "Förderung und Beträge" in await screen.picks("Baustein 3: ABH und EBH")
    assert "Förderhöhe (Baustein 3)" in await screen.picks("Förderung und Beträge")
    assert "Wo möchten Sie nachsehen?" not in await screen.picks("← Zurück")
    assert "Wo möchten Sie nachsehen?" in await screen.picks("← Zurück")
    await screen.picks("Baustein 3: ABH und EBH")
    await screen.picks("Förderung und Beträge")
    assert "Frage 38" in await screen.picks("Förderhöhe (Baustein 3)")


async def test_a_thumb_up_is_thanked_for_and_a_thumb_down_asks_why(screen: Screen) -> None:
    await screen.types(DEADLINE)
    assert "Danke für die Rückmeldung." in await screen.picks("👍")
    assert "Was war nicht gut?" in await screen.picks("👎")
    assert "Danke für die Rückmeldung." in await screen.picks("Veraltet")


async def test_a_number_that_stands_before_no_choice_is_no_question(screen: Screen) -> None:
    await screen.types(DEADLINE)
    assert "Darin finde ich keine Frage" in await screen.types("99")


async def test_an_unknown_command_is_said_to_be_unknown(screen: Screen) -> None:
    assert "Diesen Befehl kenne ich nicht." in await screen.types("/faq")


async def test_brackets_are_shown_as_they_are(screen: Screen) -> None:
    assert "Darin finde ich keine Frage" in await screen.types("[/]")
    assert screen.chat.buttons == []
