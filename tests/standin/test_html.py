"""Entity parsing: what Telegram accepts, what it refuses, and the way back."""

from __future__ import annotations

import pytest

from tests.standin.html import parse_html, trimmed, with_detected
from tests.standin.model import ApiError
from tests.standin.text import Entity, FormattedText, to_html


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &lt;&amp;&#33;&nbsp;", "plain <&!&nbsp;", []),
        ("😀<b>bold <i>both</i></b>", "😀bold both", [("bold", 2, 9), ("italic", 7, 4)]),
        ('<a href="https://example.com/?a=1&amp;b">x</a>', "x", [("text_link", 0, 1)]),
        ("<a href='tg://user?id=5'>me</a>", "me", [("text_mention", 0, 2)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">s</span><U>u</U>', "su", [("spoiler", 0, 1), ("underline", 1, 1)]),
    ],
)
def test_accepted(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    parsed = parse_html(source)
    assert parsed.text == text
    assert [(entity.type, entity.offset, entity.length) for entity in parsed.entities] == entities


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>open", "Can't find end tag corresponding to start tag"),
        ("shut</b>", "Unexpected end tag at byte offset 4"),
        ("é<b>x</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<p>no</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<a href>x</a>", "Expected equal sign"),
        ("<a href=", "Unclosed start tag"),
        ('<a href="x', "Unclosed start tag"),
        ("<br/>", 'Unsupported start tag "br/"'),
    ],
)
def test_refused(source: str, reason: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.status == 400
    assert caught.value.description.startswith("Bad Request: can't parse entities: ")
    assert reason in caught.value.description


@pytest.mark.parametrize(
    "source",
    [
        "<b>Ü <i>😀</i></b> &amp; <code>a&lt;b</code>",
        '<pre><code class="language-c">int x;</code></pre>',
        '<a href="https://example.com/?q=&quot;">link</a>',
        "<blockquote expandable>q</blockquote><tg-spoiler>s</tg-spoiler>",
    ],
)
def test_back_to_html(source: str) -> None:
    assert to_html(parse_html(source)) == source


def test_trimming_moves_entities() -> None:
    assert trimmed(parse_html("\n\n<b>x </b> \n")) == FormattedText("x", (Entity("bold", 0, 1),))


def test_found_by_telegram_itself() -> None:
    found = with_detected(FormattedText("/start@my_bot #tag me@example.com https://a.example/x. @name a/b")).entities
    assert [entity.type for entity in found] == ["bot_command", "hashtag", "email", "url", "mention"]
    assert (found[0].offset, found[0].length) == (0, 13)
