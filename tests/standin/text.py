"""Formatted text: entities counted in UTF-16 units, and the way back to HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

LAST_OF_BASIC_PLANE = 0xFFFF
TAG_OF_ENTITY = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "tg-spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "expandable_blockquote": "blockquote",
    "text_link": "a", "text_mention": "a", "custom_emoji": "tg-emoji",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted stretch of text; offset and length count UTF-16 units, as in the Bot API."""

    type: str
    offset: int
    length: int
    argument: str = ""

    def to_json(self) -> JsonObject:
        data: JsonObject = {"type": self.type, "offset": self.offset, "length": self.length}
        key = {"text_link": "url", "pre": "language", "custom_emoji": "custom_emoji_id"}.get(self.type)
        if key and self.argument:
            data[key] = self.argument
        if self.type == "text_mention":
            data["user"] = {"id": int(self.argument), "is_bot": False, "first_name": f"User {self.argument}"}
        return data


@dataclass(frozen=True, slots=True)
class FormattedText:
    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for char in text if ord(char) > LAST_OF_BASIC_PLANE)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tags(entity: Entity) -> tuple[str, str]:
    tag = TAG_OF_ENTITY[entity.type]
    quoted = _escaped(entity.argument).replace('"', "&quot;")
    if entity.type == "pre" and quoted:
        return f'<pre><code class="language-{quoted}">', "</code></pre>"
    attribute = {
        "text_link": f' href="{quoted}"',
        "text_mention": f' href="tg://user?id={quoted}"',
        "custom_emoji": f' emoji-id="{quoted}"',
        "expandable_blockquote": " expandable",
    }.get(entity.type, "")
    return f"<{tag}{attribute}>", f"</{tag}>"


def to_html(formatted: FormattedText) -> str:
    """The message as Telegram HTML; entities Telegram finds by itself stay plain text."""
    shown = [entity for entity in formatted.entities if entity.type in TAG_OF_ENTITY]
    pieces: list[str] = []
    stack: list[Entity] = []
    offset = 0
    for char in [*formatted.text, ""]:
        while stack and stack[-1].offset + stack[-1].length <= offset:
            pieces.append(_tags(stack.pop())[1])
        while shown and shown[0].offset <= offset and char:
            stack.append(shown.pop(0))
            pieces.append(_tags(stack[-1])[0])
        pieces.append(_escaped(char))
        offset += utf16_length(char)
    return "".join(pieces)
