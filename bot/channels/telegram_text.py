"""How a message looks in Telegram: escaped HTML, split where it reads well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bot.messages import Message, Paragraph, Style

LIMIT = 4096
"""Characters of one Telegram message, after the markup is taken off."""
ITALIC = ("<i>", "</i>")
MARKUP = {Style.TITLE: ("<b>", "</b>"), Style.SOURCE: ITALIC, Style.NOTE: ITALIC, Style.BODY: ("", "")}
BREAKS = ("\n\n", "\n", ". ", " ")


def html_parts(message: Message, limit: int = LIMIT) -> list[str]:
    """The message as one or more HTML texts, none longer than `limit` characters as the person sees it."""
    parts: list[str] = []
    current, length = "", 0
    for paragraph in message.paragraphs:
        for piece in pieces(paragraph, limit):
            joint = 2 if current else 0
            if current and length + joint + visible(piece.text) > limit:
                parts.append(current)
                current, length, joint = "", 0, 0
            current += "\n\n" * bool(joint) + html(piece)
            length += joint + visible(piece.text)
    return [*parts, current] if current else parts


def html(paragraph: Paragraph) -> str:
    before, after = MARKUP[paragraph.style]
    return f"{before}{escape(paragraph.text, quote=False)}{after}"


def pieces(paragraph: Paragraph, limit: int) -> Iterator[Paragraph]:
    """A paragraph that is too long, broken at the best place: a blank line, a line, a sentence, a word."""
    text = paragraph.text
    while visible(text) > limit:
        window = prefix(text, limit)
        places = [window.rfind(mark) + len(mark) for mark in BREAKS if window.rfind(mark) > len(window) // 2]
        cut = places[0] if places else len(window)
        yield Paragraph(text[:cut].rstrip(), paragraph.style)
        text = text[cut:].lstrip()
    if text:
        yield Paragraph(text, paragraph.style)


def visible(text: str) -> int:
    """Length as Telegram counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def prefix(text: str, units: int) -> str:
    """The longest beginning of at most so many UTF-16 units that breaks no character."""
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", errors="ignore")
