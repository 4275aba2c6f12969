"""How messages are split and escaped for Telegram, whatever they hold."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_text import LIMIT, html_parts, prefix, visible
from bot.messages import Message, Paragraph, Style
from tests.standin.html import parse_html
from tests.standin.text import utf16_length

LETTERS = st.text(alphabet="abcäöüß .\n", min_size=1, max_size=120)
MARKUP = st.text(alphabet='<>&;"/bi amp😀', min_size=1, max_size=120)
ANYTHING = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=120)
TEXTS = (LETTERS | MARKUP | ANYTHING).filter(lambda text: bool(text.strip()))
MESSAGES = st.lists(st.builds(Paragraph, TEXTS, st.sampled_from(Style)), min_size=1, max_size=6).map(
    lambda paragraphs: Message(tuple(paragraphs))
)
LIMITS = st.integers(min_value=20, max_value=200)


def seen(part: str) -> str:
    """What the person sees of a part; fails on what Telegram would refuse."""
    return parse_html(part).text


def inked(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(MESSAGES, LIMITS)
def test_no_part_is_longer_than_telegram_allows(message: Message, limit: int) -> None:
    assert all(utf16_length(seen(part)) <= limit for part in html_parts(message, limit))


@given(MESSAGES, LIMITS)
def test_nothing_is_lost_and_nothing_is_said_twice(message: Message, limit: int) -> None:
    whole = "".join(paragraph.text for paragraph in message.paragraphs)
    assert inked("".join(seen(part) for part in html_parts(message, limit))) == inked(whole)


@given(MESSAGES, LIMITS)
def test_no_part_is_empty(message: Message, limit: int) -> None:
    assert all(seen(part).strip() for part in html_parts(message, limit))


@given(st.text(alphabet="😀𝔄𐍈a", min_size=1, max_size=400), st.integers(min_value=2, max_value=50))
def test_characters_beyond_the_basic_plane_stay_whole(text: str, limit: int) -> None:
    parts = html_parts(Message((Paragraph(text, Style.TITLE),)), limit)
    assert "".join(seen(part) for part in parts) == text


@given(ANYTHING, st.integers(min_value=1, max_value=150))
def test_a_prefix_is_a_beginning_of_the_text_and_fits(text: str, units: int) -> None:
    beginning = prefix(text, units)
    assert text.startswith(beginning)
    assert units - 1 <= visible(beginning) <= units or beginning == text


def test_what_fits_stays_one_message() -> None:
    message = Message((Paragraph("a" * (LIMIT - 4)), Paragraph("zz")))
    assert [utf16_length(seen(part)) for part in html_parts(message)] == [LIMIT]


def test_one_more_character_makes_it_two() -> None:
    message = Message((Paragraph("a" * (LIMIT - 4)), Paragraph("zzz")))
    assert [seen(part)[-1] for part in html_parts(message)] == ["a", "z"]


def test_titles_are_bold_sources_italic_and_signs_of_markup_are_only_signs() -> None:
    message = Message(
        (Paragraph("A & B", Style.TITLE), Paragraph("5 < 6, <b>nicht fett</b>"), Paragraph("Frage 1", Style.SOURCE))
    )
    assert html_parts(message) == [
        "<b>A &amp; B</b>\n\n5 &lt; 6, &lt;b&gt;nicht fett&lt;/b&gt;\n\n<i>Frage 1</i>",
    ]


def test_a_long_text_breaks_between_paragraphs_rather_than_within_words() -> None:
    text = "\n\n".join(["Ein Satz mit einigen Wörtern darin."] * 12)
    parts = html_parts(Message((Paragraph(text),)), 100)
    assert len(parts) > 1
    assert all(seen(part).endswith("darin.") for part in parts)
