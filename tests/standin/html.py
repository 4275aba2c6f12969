"""Entity parsing as Telegram does it: HTML in, text and entities out."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace

from tests.standin.model import ApiError, bad_request
from tests.standin.text import Entity, FormattedText, utf16_length

ENTITY_OF_TAG = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "span": "spoiler", "tg-spoiler": "spoiler",
    "a": "text_link", "tg-emoji": "custom_emoji",
    "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
NAMED_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
LONGEST_REFERENCE = 10
SURROGATES = range(0xD800, 0xE000)
NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
USER_LINK = re.compile(r"tg://user\?id=(\d+)")
DETECTED = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("url", re.compile(r"(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)]", re.IGNORECASE)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("mention", re.compile(r"(?<!\w)@\w{3,32}")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d_]\w*")),
)
OPAQUE = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})


@dataclass(frozen=True, slots=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    begin: int


def _reference(source: str, pos: int) -> tuple[str, int]:
    """The character of a reference at `pos` and the position after it; none if Telegram knows none."""
    match = REFERENCE.match(source, pos)
    if match is None:
        return "", pos
    hexadecimal, decimal, name = match.groups()
    if name:
        return NAMED_CHARACTERS.get(name, ""), match.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    digits_end = match.end() - source[match.start() : match.end()].count(";")
    if code == 0 or code >= sys.maxunicode or digits_end - pos >= LONGEST_REFERENCE:
        return "", pos
    if code in SURROGATES:
        raise bad_request("can't parse entities: Text contains invalid Unicode characters")
    return chr(code), match.end()


class _HtmlParser:
    """One pass over the source; the rules and the wording of the errors are Telegram's."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.pos = 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_OpenTag] = []
        self.entities: list[Entity] = []

    def parse(self) -> FormattedText:
        while self.pos < len(self.source):
            char = self.source[self.pos]
            if char == "&":
                self._take_reference()
            elif char == "<":
                self._take_tag()
            else:
                self._add(char)
                self.pos += 1
        if self.open:
            raise self._error("Can't find end tag corresponding to start tag " + f'"{self.open[-1].name}"')
        ordered = sorted(self.entities, key=lambda entity: (entity.offset, -entity.length))
        cleaned = (replace(entity, argument="") if entity.type == "code" else entity for entity in ordered)
        return FormattedText("".join(self.text), tuple(cleaned))

    def _error(self, reason: str, at: int | None = None) -> ApiError:
        where = "" if at is None else f" at byte offset {self._bytes(at)}"
        return bad_request(f"can't parse entities: {reason}{where}")

    def _bytes(self, pos: int) -> int:
        return len(self.source[:pos].encode("utf-8", "surrogatepass"))

    def _add(self, piece: str) -> None:
        self.text.append(piece)
        self.offset += utf16_length(piece)

    def _take_reference(self) -> None:
        char, end = _reference(self.source, self.pos)
        self._add(char or "&")
        self.pos = end if char else self.pos + 1

    def _take_tag(self) -> None:
        if self.source.startswith("</", self.pos):
            self._take_end_tag()
        else:
            self._take_start_tag()

    def _peek(self) -> str:
        return self.source[self.pos : self.pos + 1]

    def _skip_spaces(self) -> None:
        while self._peek().isspace():
            self.pos += 1

    def _read_until(self, stops: str) -> str:
        begin = self.pos
        while self.pos < len(self.source) and not self._peek().isspace() and self._peek() not in stops:
            self.pos += 1
        return self.source[begin : self.pos]

    def _take_start_tag(self) -> None:
        begin = self.pos
        self.pos += 1
        name = self._read_until(">").lower()
        if not self._peek():
            raise self._error("Unclosed start tag", begin)
        if name not in ENTITY_OF_TAG:
            raise self._error(f'Unsupported start tag "{name}"', begin)
        argument = self._attributes(name, begin)
        if name == "span" and argument != "spoiler":
            raise self._error('Tag "span" must have class "tg-spoiler"', begin)
        self.open.append(_OpenTag(name, argument, self.offset, len(self.text)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                self.pos += 1
                return argument
            key, value = self._attribute(tag, begin)
            argument = _argument_of(tag, key, value) or argument

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        key = self._read_until("=>" if tag == "blockquote" else "=")
        if not key:
            raise self._error(f'Empty attribute name in the tag "{tag}"', begin)
        self._skip_spaces()
        if self._peek() != "=":
            if tag == "blockquote" and key.lower() == "expandable" and self._peek():
                return "expandable", ""
            raise self._error(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', begin)
        self.pos += 1
        self._skip_spaces()
        if not self._peek():
            raise self._error(f'Unclosed start tag "{tag}"', begin)
        value = self._quoted() if self._peek() in "'\"" else self._name_token()
        if not self._peek():
            raise self._error("Unclosed start tag", begin)
        return key, value

    def _name_token(self) -> str:
        begin = self.pos
        match = NAME_TOKEN.match(self.source, begin)
        self.pos = match.end() if match else begin
        if self._peek() and not self._peek().isspace() and self._peek() != ">":
            raise self._error("Unexpected end of name token", begin)
        return self.source[begin : self.pos].lower()

    def _quoted(self) -> str:
        quote = self._peek()
        self.pos += 1
        value: list[str] = []
        while self._peek() and self._peek() != quote:
            char, end = _reference(self.source, self.pos) if self._peek() == "&" else ("", self.pos)
            value.append(char or self._peek())
            self.pos = end if char else self.pos + 1
        self.pos += 1
        return "".join(value)

    def _take_end_tag(self) -> None:
        begin = self.pos
        if not self.open:
            raise self._error("Unexpected end tag", begin)
        self.pos += 2
        name = self._read_until(">").lower()
        self._skip_spaces()
        if self._peek() != ">":
            raise self._error("Unclosed end tag", begin)
        self.pos += 1
        tag = self.open.pop()
        if name and name != tag.name:
            found = f'expected "</{tag.name}>", found "</{name}>"'
            raise self._error(f"Unmatched end tag at byte offset {self._bytes(begin)}, {found}")
        if self.offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _OpenTag) -> None:
        entity = Entity(ENTITY_OF_TAG[tag.name], tag.offset, self.offset - tag.offset, tag.argument)
        if tag.name in {"pre", "code"} and self._joins_code_block(entity):
            return
        if tag.name == "a":
            self._close_link(entity, tag)
        elif tag.name == "tg-emoji" and not (tag.argument.isdigit() and int(tag.argument)):
            raise self._error("Invalid custom emoji identifier specified")
        elif tag.name == "blockquote" and tag.argument:
            self.entities.append(Entity("expandable_blockquote", entity.offset, entity.length))
        else:
            self.entities.append(replace(entity, argument="") if entity.type == "spoiler" else entity)

    def _joins_code_block(self, entity: Entity) -> bool:
        """<pre><code class="language-…"> (either way round) is one `pre` entity with a language."""
        last = self.entities[-1] if self.entities else None
        if last is None or {last.type, entity.type} != {"pre", "code"}:
            return False
        language = last.argument if last.type == "code" else entity.argument
        if not language or (last.offset, last.length) != (entity.offset, entity.length):
            return False
        self.entities[-1] = Entity("pre", entity.offset, entity.length, language)
        return True

    def _close_link(self, entity: Entity, tag: _OpenTag) -> None:
        url = tag.argument or "".join(self.text[tag.begin :])
        user = USER_LINK.fullmatch(url)
        if user:
            self.entities.append(replace(entity, type="text_mention", argument=user.group(1)))
        elif "." in url or url.startswith(("tg://", "ton://")) or "://localhost" in url:
            full = url if "://" in url else f"http://{url}"
            self.entities.append(replace(entity, argument=full))


def _argument_of(tag: str, key: str, value: str) -> str:
    if (tag, key) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    if (tag, key) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, key) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "expandable" if (tag, key) == ("blockquote", "expandable") else ""


def parse_html(source: str) -> FormattedText:
    """Text and entities of Telegram HTML; ApiError 400 "can't parse entities" if it is not well-formed."""
    return _HtmlParser(source).parse()


def trimmed(formatted: FormattedText) -> FormattedText:
    """Without blank lines in front and white space behind, as Telegram shows it."""
    text = formatted.text.rstrip()
    lead = len(text) - len(text.lstrip())
    while lead and text[lead - 1] == " ":
        lead -= 1
    shift, end = utf16_length(text[:lead]), utf16_length(text)
    kept: list[Entity] = []
    for entity in formatted.entities:
        begin, stop = max(entity.offset, shift), min(entity.offset + entity.length, end)
        if stop > begin:
            kept.append(replace(entity, offset=begin - shift, length=stop - begin))
    return FormattedText(text[lead:], tuple(kept))


def with_detected(formatted: FormattedText) -> FormattedText:
    """With the entities Telegram finds by itself: commands, links, addresses, mentions, hashtags."""
    taken = [(e.offset, e.offset + e.length) for e in formatted.entities if e.type in OPAQUE]
    found: list[Entity] = []
    for kind, pattern in DETECTED:
        for match in pattern.finditer(formatted.text):
            begin = utf16_length(formatted.text[: match.start()])
            end = begin + utf16_length(match.group())
            if all(end <= other_begin or begin >= other_end for other_begin, other_end in taken):
                taken.append((begin, end))
                found.append(Entity(kind, begin, end - begin))
    ordered = sorted([*formatted.entities, *found], key=lambda entity: (entity.offset, -entity.length))
    return FormattedText(formatted.text, tuple(ordered))
