"""The one chain of every message and channel: known? → not too fast? → masked → understood → done → audited."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from actions.access import Actor
from actions.answering import Context
from actions.clock import Clock, local_day
from actions.hygiene import note_messages
from actions.operations import (
    AnyOperation,
    DropTalk,
    ExportTalks,
    ListCases,
    ListPending,
    ListReminders,
    Said,
    ShowDeadlines,
    ShowMyData,
    ShowPreferences,
    TalkOperation,
)
from actions.people import InvitationError, heard_from, known_person, redeem
from actions.requests import Requests
from actions.store.engine import erase_traces
from actions.store.models import Person
from actions.store.records import audit
from actions.talk_requests import looks_like_a_question, new_talk
from bot import presenting
from bot.conversations import Conversation, Conversations, new_id
from bot.door import Door
from bot.keyboards import Keyboards
from bot.messages import (
    Browse,
    Do,
    Incoming,
    Message,
    Outcome,
    Tapped,
    Turn,
    Typed,
    Unreadable,
)
from bot.questions import OTHER, STALE_BUTTON, Questions
from bot.tasks import Tasks
from bot.understanding import Understanding
from knowledge.decide import ANSWER_FROM
from knowledge.load import Knowledge
from knowledge.normalise import plain
from knowledge.ranking import NOT_A_QUESTION, TASKS
from nlu.privacy.guard import GuardError, PrivacyGuard
from nlu.privacy.spans import Masked

logger = logging.getLogger(__name__)

LONGEST_MESSAGE = 2000
"""Characters; what is longer is no quick question."""
TURNS_PER_SESSION = 10
"""After so many turns Rasa gets a new conversation, since every event of the old one travels with each turn."""
COMMAND = re.compile(r"/([A-Za-z]\w*)(?:@\w+)?(?=\s|$)", re.ASCII)
INVITED = re.compile(r"/start\s+([\w-]{16,64})\s*", re.ASCII)
WORD = re.compile(r"[^\W\d_]{2}")
CASE_PLACEHOLDER = "[FALL]"

REFUSED = "Diesen Dienst können nur angemeldete Mitarbeitende nutzen. Bitte wenden Sie sich an Ihre KIM-Koordination."
TOO_FAST = "Das waren sehr viele Nachrichten auf einmal. Bitte warten Sie eine Minute und schreiben Sie dann weiter."
TOO_LONG = "Diese Nachricht ist zu lang für mich. Bitte stellen Sie die Frage in wenigen Sätzen."
NO_WORDS = "Darin finde ich keine Frage. Bitte schreiben Sie mit ein paar Worten, was Sie wissen möchten."
UNKNOWN_COMMAND = "Diesen Befehl kenne ich nicht. /hilfe zeigt, was ich kann."
NOT_STORED = "Ich konnte gerade nichts speichern. Bitte versuchen Sie es gleich noch einmal."
NOT_CHECKED = (
    "Ich konnte nicht prüfen, ob Ihre Nachricht persönliche Daten enthält, und habe sie deshalb nicht verwendet. Bitte "
    "schreiben Sie sie kürzer noch einmal."
)
MUST_WAIT = "Das muss warten: Das Sprachverständnis antwortet gerade nicht. Bitte schreiben Sie es gleich noch einmal."
NOT_YET = "Das kann ich noch nicht. /hilfe zeigt, was ich kann."
CANCELLED = "Gut, wir fangen von vorn an. Was möchten Sie wissen?"
SMALL_TALK = {
    "smalltalk": "Ich bin KIM-Lotse und beantworte Fragen zu den Regeln von KIM NRW. Was möchten Sie wissen?",
    "thanks": "Gern geschehen.",
    "cancel": CANCELLED,
}
UNREADABLE = {
    "voice": "Sprachnachrichten höre ich nicht an. Bitte schreiben Sie Ihre Frage.",
    "contact": "Kontakte nehme ich nicht an, bitte löschen Sie sie hier wieder. Schreiben Sie mir Ihre Frage als Text.",
    "location": "Standorte brauche ich nicht. Bitte schreiben Sie Ihre Frage.",
    "file": "Bilder und Dateien öffne ich nicht. Bitte schreiben Sie Ihre Frage, ohne Namen von Klient:innen.",
}


class Noted(NamedTuple):
    """Messages in a chat that carry case content, to be remembered for deletion once the store lets us."""

    channel: str
    chat: str
    messages: tuple[int, ...]
    numbers: tuple[str, ...]
    sent_at: datetime


@dataclass
class Chain:
    """The chain and what its steps need. One per process; turns of one conversation must come one after the other."""

    engine: Engine
    knowledge: Knowledge
    requests: Requests
    guard: PrivacyGuard
    understanding: Understanding
    clock: Clock
    door: Door
    chat_kept_for: timedelta = timedelta(hours=24)
    transferred_for: timedelta = timedelta(days=30)
    keyboards: Keyboards = field(default_factory=Keyboards)
    conversations: Conversations = field(default_factory=Conversations)
    unnoted: list[Noted] = field(default_factory=list)

    @property
    def questions(self) -> Questions:
        return Questions(self.knowledge, self.requests.practice.calendar, self.clock, self.without_numbers)

    @property
    def tasks(self) -> Tasks:
        return Tasks(self.engine, self.requests, self.transferred_for)

    async def handle(self, incoming: Incoming) -> Turn:
        """One message, all steps. Times in the store are from the injected clock.

        No step holds the store while Rasa is asked, so that many people can wait at once.
        """
        try:
            person = self.known(incoming)
            if person is None:
                return self.invited(incoming) or self.refused(incoming, REFUSED)
            if self.door.too_fast(person.id or 0, self.clock()):
                return self.throttled(incoming, person)
            event, turn = await self.checked(incoming, person)
            return self.audited(incoming, person, event, turn)
        except SQLAlchemyError as error:
            logger.error("the store failed: %s", type(error).__name__)
            return presenting.said(NOT_STORED, "failed")

    async def checked(self, incoming: Incoming, person: Person) -> tuple[str, Turn]:
        """The turn; what the guard could not check goes no further, and is to be deleted from the chat."""
        try:
            return await self.done(incoming, person)
        except GuardError:
            logger.error("the privacy guard failed")
            return "guard failed", replace(presenting.said(NOT_CHECKED, "failed"), forget_incoming=True)

    def known(self, incoming: Incoming) -> Person | None:
        with Session(self.engine, expire_on_commit=False) as session:
            person = known_person(session, channel=incoming.channel, address=incoming.address)
            if person is not None:
                heard_from(session, channel=incoming.channel, address=incoming.address, now=self.clock())
                session.commit()
            return person

    def invited(self, incoming: Incoming) -> Turn | None:
        """Whoever comes by an invitation that holds is let in; none if there is no invitation."""
        link = INVITED.fullmatch(incoming.content.text.strip()) if isinstance(incoming.content, Typed) else None
        if link is None:
            return None
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                person = redeem(
                    session,
                    token=link.group(1),
                    channel=incoming.channel,
                    address=incoming.address,
                    now=self.clock(),
                )
            except InvitationError as error:
                return self.refused(incoming, error.sentence)
            session.commit()
        turn = Turn(Outcome("other", "help"), (self.welcome(person),), forget_incoming=True)
        return self.audited(incoming, person, "admitted", turn)

    def refused(self, incoming: Incoming, sentence: str) -> Turn:
        """One polite refusal; whoever goes on writing is not answered again for a while."""
        if self.door.was_just_refused(f"{incoming.channel}:{incoming.address}", self.clock()):
            return Turn(Outcome("other", "refused"))
        return self.audited(incoming, None, "refused", presenting.said(sentence, "refused"))

    def throttled(self, incoming: Incoming, person: Person) -> Turn:
        """Said once a minute; answering every message of a flood would be one too."""
        if self.door.was_just_slowed(person.id or 0, self.clock()):
            return Turn(Outcome("other", "throttled"))
        return self.audited(incoming, person, "throttled", presenting.said(TOO_FAST, "throttled"))

    def audited(self, incoming: Incoming, person: Person | None, event: str, turn: Turn) -> Turn:
        detail = f"{turn.outcome.status}/{turn.outcome.intent}"
        with Session(self.engine) as session:
            audit(session, by=Actor(incoming.channel, person), event=event, detail=detail, now=self.clock())
            session.commit()
        return turn

    async def done(self, incoming: Incoming, person: Person) -> tuple[str, Turn]:
        """The event for the audit, and the turn."""
        conversation = self.conversations.at(place_of(incoming))
        match incoming.content:
            case Typed(text):
                event = "command" if text.lstrip().startswith("/") else "text"
                offer = self.offered(incoming, person, conversation)
                turn = await self.typed(incoming, person, text, conversation)
                return event, turn if offer is None else together(turn, offer)
            case Unreadable(kind, caption):
                conversation.awaits_reason_for = None
                sentence = UNREADABLE.get(kind, UNREADABLE["file"])
                return "unreadable", with_warning(presenting.said(sentence, "unreadable"), self.guard.mask(caption))
            case Tapped(button):
                conversation.awaits_reason_for = None
                return await self.tapped(incoming, person, button, conversation)

    async def tapped(
        self, incoming: Incoming, person: Person, button: str, conversation: Conversation
    ) -> tuple[str, Turn]:
        with Session(self.engine) as session:
            meaning = self.keyboards.meaning(session, conversation=place_of(incoming), button=button)
            if meaning is None:
                return "stale tap", Turn(OTHER, (presenting.plain(STALE_BUTTON),), notice="Älterer Knopf")
            conversation.awaits = conversation.talk
            if not isinstance(meaning, Do):
                turn = self.questions.tapped(session, meaning, conversation, local_day(incoming.written_at))
                session.commit()
                return "tap", turn
        talk = conversation.talk
        turn = await self.do(meaning.operation, incoming, person, conversation)
        if talk is None or isinstance(meaning.operation, TalkOperation) or conversation.awaits is not None:
            return "tap", turn
        return "tap", together(turn, await self.do(talk, incoming, person, conversation))

    async def typed(self, incoming: Incoming, person: Person, text: str, conversation: Conversation) -> Turn:
        if INVITED.fullmatch(text.strip()):
            return replace(await self.command("start", incoming, person, conversation), forget_incoming=True)
        command = COMMAND.match(text.lstrip()) if text.lstrip().startswith("/") else None
        masked = self.guard.mask(text.lstrip()[command.end() :] if command else text)
        if len(text) > LONGEST_MESSAGE:
            return with_warning(presenting.said(TOO_LONG, "out_of_scope"), masked)
        if text.lstrip().startswith("/"):
            conversation.awaits_reason_for = None
            name = command.group(1).lower() if command else ""
            return with_warning(await self.command(name, incoming, person, conversation), masked)
        completed = conversation.awaits and self.tasks.completed(
            conversation.awaits, masked.text, incoming, person, is_question=self.is_question
        )
        if completed is None and not WORD.search(plain(masked.text)):
            return with_warning(presenting.said(NO_WORDS, "out_of_scope"), masked)
        if conversation.awaits_reason_for is not None:
            turn = self.reason_given(masked.text, conversation)
        elif isinstance(completed, Said):
            turn = self.shown(completed, "case", conversation, incoming, person)
        elif completed is not None:
            turn = await self.do(completed, incoming, person, conversation)
        else:
            turn = await self.aside(masked.text, incoming, person, conversation)
        if self.requests.numbers.read(masked.text):
            numbers = dict.fromkeys([*turn.numbers, *self.requests.numbers.numbers(masked.text)])
            turn = replace(turn, about_case=True, numbers=tuple(numbers))
        return with_warning(turn, masked)

    async def command(self, name: str, incoming: Incoming, person: Person, conversation: Conversation) -> Turn:
        match name:
            case "start":
                return Turn(Outcome("other", "help"), (self.welcome(person),))
            case "hilfe" | "help":
                return Turn(Outcome("other", "help"), (self.help_text(person),))
            case "themen":
                today = local_day(incoming.written_at)
                return Turn(Outcome("other", "help"), (presenting.browse(Browse(), self.knowledge, today),))
            case "export":
                return await self.do(ExportTalks(), incoming, person, conversation)
            case "offen":
                return await self.do(ListPending(), incoming, person, conversation)
            case "beratung":
                return await self.do(new_talk(), incoming, person, conversation)
            case "faelle" | "fälle":
                return await self.do(ListCases(), incoming, person, conversation)
            case "erinnerungen":
                return await self.do(ListReminders(), incoming, person, conversation)
            case "fristen":
                return await self.do(ShowDeadlines(), incoming, person, conversation)
            case "einstellungen":
                return await self.do(ShowPreferences(), incoming, person, conversation)
            case "meinedaten":
                return await self.do(ShowMyData(), incoming, person, conversation)
            case "abbrechen":
                return await self.cancelled(incoming, person, conversation)
        return presenting.said(UNKNOWN_COMMAND, "out_of_scope")

    def is_question(self, text: str) -> bool:
        """Whether a message is a rule question rather than an answer: by its shape, and the ranking is sure of it."""
        if not looks_like_a_question(text, self.knowledge.vocabulary.question_words):
            return False
        ranking = self.understanding.ranker.rank(text)
        first = ranking.candidates[0].label if ranking.candidates else ""
        return ranking.confidence >= ANSWER_FROM and first not in NOT_A_QUESTION

    async def aside(self, text: str, incoming: Incoming, person: Person, conversation: Conversation) -> Turn:
        """A message by itself; in the middle of a talk it is answered, and the talk goes on where it was."""
        talk = conversation.talk
        turn = await self.understood(text, incoming, person, conversation)
        if talk is None or conversation.awaits not in (talk, None) or turn.outcome.intent == "cancel":
            return turn
        resumed = await self.do(talk, incoming, person, conversation)
        return together(turn, resumed)

    async def cancelled(self, incoming: Incoming, person: Person, conversation: Conversation) -> Turn:
        talk = conversation.talk
        conversation.reset()
        if talk is None:
            return presenting.said(CANCELLED, "cancel")
        conversation.awaits = talk
        dropped = DropTalk(number=talk.draft.number, entry_id=talk.draft.entry_id)
        return await self.do(dropped, incoming, person, conversation)

    def reason_given(self, text: str, conversation: Conversation) -> Turn:
        with Session(self.engine) as session:
            turn = self.questions.reason_given(session, conversation.awaits_reason_for or 0, text)
            session.commit()
        conversation.awaits_reason_for = None
        return turn

    async def understood(self, text: str, incoming: Incoming, person: Person, conversation: Conversation) -> Turn:
        conversation.turns += 1
        if conversation.turns > TURNS_PER_SESSION:
            conversation.rasa_id, conversation.turns = new_id(), 1
        answer, degraded = await self.understanding.understand(
            text=text,
            context=Context(question=conversation.question, entries=conversation.entries),
            conversation=conversation.rasa_id,
            person=person.id or 0,
            channel=incoming.channel,
            written_at=incoming.written_at,
            today=local_day(incoming.written_at),
        )
        if answer.said is not None:
            return await self.after(answer.said, answer.intent, conversation, incoming, person)
        if answer.intent == "cancel":
            return await self.cancelled(incoming, person, conversation)
        if answer.status == "other":
            message = self.small_talk(answer.intent, person, degraded=degraded)
            return Turn(Outcome("other", answer.intent, degraded=degraded), (message,))
        today = local_day(incoming.written_at)
        return self.questions.presented(answer, conversation, today=today, degraded=degraded)

    def small_talk(self, intent: str, person: Person, *, degraded: bool) -> Message:
        if intent == "help":
            return self.help_text(person)
        if intent == "contacts":
            return presenting.contacts(self.knowledge)
        if intent in TASKS:
            return presenting.plain(MUST_WAIT if degraded else NOT_YET)
        return presenting.plain(SMALL_TALK.get(intent, SMALL_TALK["smalltalk"]))

    async def do(self, operation: AnyOperation, incoming: Incoming, person: Person, conversation: Conversation) -> Turn:
        """Have an operation done, without Rasa: it is clear what is meant."""
        current = conversation.talk.draft if conversation.talk else None
        said = self.tasks.perform(operation, incoming, person, current)
        return await self.after(said, operation.do, conversation, incoming, person)

    async def after(
        self, said: Said, intent: str, conversation: Conversation, incoming: Incoming, person: Person
    ) -> Turn:
        """What an operation asks of the bot: a forgotten case is forgotten here and in Rasa too."""
        if said.forgotten:
            erase_traces(self.engine)
            self.keyboards.forget(tuple(said.numbers))
            for other in self.conversations:
                other.forget(said.numbers)
            await self.understanding.forget()
        turn = self.shown(said, intent, conversation, incoming, person)
        if said.then is not None:
            turn = together(turn, await self.do(said.then, incoming, person, conversation))
        return turn

    def shown(self, said: Said, intent: str, conversation: Conversation, incoming: Incoming, person: Person) -> Turn:
        conversation.awaits = said.awaits
        files = self.tasks.files(said, person, incoming.channel, incoming.written_at)
        return Turn(
            Outcome("other", intent),
            (presenting.done(said, self.knowledge, files),),
            about_case=bool(said.numbers) or said.about_cases,
            numbers=tuple(said.numbers),
            in_place=said.in_place,
        )

    def offered(self, incoming: Incoming, person: Person, conversation: Conversation) -> Turn | None:
        """Once in a conversation that this process does not know yet: a talk that was begun before."""
        if not conversation.fresh:
            return None
        conversation.fresh = False
        said = self.tasks.unfinished(incoming, person)
        if said is None:
            return None
        message = presenting.done(said, self.knowledge, [])
        return Turn(Outcome("other", "offer"), (message,), about_case=True, numbers=tuple(said.numbers))

    def welcome(self, person: Person) -> Message:
        return presenting.welcome(person, self.requests.practice.casework.examples)

    def help_text(self, person: Person) -> Message:
        return presenting.help_text(person, self.requests.practice.casework.case_numbers[-1].example)

    def without_numbers(self, text: str) -> str:
        return self.requests.numbers.without(text, CASE_PLACEHOLDER)

    def buttons(self, message: Message, *, channel: str, conversation: str) -> list[str]:
        """An id for each button of a message about to be shown, row by row."""
        return self.keyboards.ids(self.engine, message, conversation=f"{channel}:{conversation}", now=self.clock())

    def note(self, messages: Sequence[int], turn: Turn, *, channel: str, conversation: str) -> None:
        """Remember messages of a turn that carry case content, so that the channel deletes them in time."""
        if not turn.about_case or not messages:
            return
        self.unnoted.append(Noted(channel, conversation, tuple(messages), turn.numbers, self.clock()))
        try:
            with Session(self.engine) as session:
                for noted in self.unnoted:
                    note_messages(session, **noted._asdict(), kept_for=self.chat_kept_for)
                session.commit()
            self.unnoted.clear()
        except SQLAlchemyError as error:
            logger.error("messages could not be noted for deletion, tried again: %s", type(error).__name__)


def together(turn: Turn, below: Turn) -> Turn:
    """Both replies, one below the other."""
    numbers = tuple(dict.fromkeys([*turn.numbers, *below.numbers]))
    about_case = turn.about_case or below.about_case
    return replace(turn, messages=(*turn.messages, *below.messages), about_case=about_case, numbers=numbers)


def with_warning(turn: Turn, masked: Masked) -> Turn:
    """The turn, told first what was masked, and the message that held it to be deleted."""
    if not masked.spans:
        return turn
    *others, last = masked.kinds
    kinds = f"{', '.join(others)} und {last}" if others else last
    warning = presenting.plain(
        f"Ihre Nachricht enthielt {kinds}. Ich habe das unkenntlich gemacht und arbeite ohne weiter; "
        "bitte schreiben Sie hier keine personenbezogenen Daten."
    )
    return replace(turn, messages=(warning, *turn.messages), forget_incoming=True)


def place_of(incoming: Incoming) -> str:
    return f"{incoming.channel}:{incoming.conversation}"
