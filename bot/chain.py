"""The one chain of every message and channel: known? → not too fast? → masked → understood → done → audited."""

from __future__ import annotations

import logging
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from actions.answering import Answer, Context
from actions.clock import Clock, local_day
from actions.store.buttons import forget_old, meaning_of
from actions.store.models import FeedbackKind
from actions.store.people import known_person
from actions.store.records import add_reason, audit, keep_feedback
from bot import presenting
from bot.messages import (
    AnyMeaning,
    Browse,
    Conversation,
    Details,
    Incoming,
    Message,
    Original,
    Outcome,
    Paragraph,
    PassOn,
    Reason,
    Show,
    Style,
    Tapped,
    Turn,
    Typed,
    Unreadable,
    Verdict,
)
from bot.understanding import Understanding
from knowledge.load import Knowledge
from knowledge.models import Entry
from knowledge.normalise import plain
from nlu.privacy.guard import Masked, PrivacyGuard

logger = logging.getLogger(__name__)

LONGEST_MESSAGE = 2000
"""Characters; what is longer is no quick question."""
TURNS_PER_SESSION = 10
"""After so many turns Rasa gets a new conversation, since every event of the old one travels with each turn."""
MOST_CONVERSATIONS = 10_000
MINUTE = timedelta(minutes=1)
REFUSE_AGAIN = timedelta(hours=1)
COMMAND = re.compile(r"/([A-Za-z]\w*)(?:@\w+)?(?=\s|$)", re.ASCII)
WORD = re.compile(r"[^\W\d_]{2}")

REFUSED = "Diesen Dienst können nur angemeldete Mitarbeitende nutzen. Bitte wenden Sie sich an Ihre KIM-Koordination."
TOO_FAST = "Das waren sehr viele Nachrichten auf einmal. Bitte warten Sie eine Minute und schreiben Sie dann weiter."
TOO_LONG = "Diese Nachricht ist zu lang für mich. Bitte stellen Sie die Frage in wenigen Sätzen."
NO_WORDS = "Darin finde ich keine Frage. Bitte schreiben Sie mit ein paar Worten, was Sie wissen möchten."
UNKNOWN_COMMAND = "Diesen Befehl kenne ich nicht. /hilfe zeigt, was ich kann."
STALE_BUTTON = "Dieser Knopf gehört zu einer älteren Nachricht. Bitte stellen Sie Ihre Frage noch einmal."
LAPSED = "Dieser Eintrag gilt heute nicht mehr. Bitte stellen Sie Ihre Frage neu oder sehen Sie unter /themen nach."
NOT_STORED = "Ich konnte gerade nichts speichern. Bitte versuchen Sie es gleich noch einmal."
CANCELLED = "Gut, wir fangen von vorn an. Was möchten Sie wissen?"
KEPT = "Ich habe die Frage für die Koordination notiert. Vielen Dank."
THANKED = "Danke für die Rückmeldung."
OWN_REASON = "Bitte schreiben Sie den Grund in einem Satz, ohne Namen. Mit /abbrechen geht es ohne Grund weiter."
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

MEANINGS: TypeAdapter[AnyMeaning] = TypeAdapter(AnyMeaning)
OTHER = Outcome("other", "out_of_scope")


@dataclass
class Chain:
    """The chain and what its steps need. One per process; turns of one conversation must come one after the other."""

    engine: Engine
    knowledge: Knowledge
    guard: PrivacyGuard
    understanding: Understanding
    clock: Clock
    messages_per_minute: int
    conversations: OrderedDict[str, Conversation] = field(default_factory=OrderedDict)
    recent: dict[int, deque[datetime]] = field(default_factory=dict)
    refusals: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    slowed: dict[int, datetime] = field(default_factory=dict)
    tidied_on: date | None = None

    async def handle(self, incoming: Incoming) -> Turn:
        """One message, all steps. Times in the store are from the injected clock.

        No step holds the store while Rasa is asked, so that many people can wait at once.
        """
        person_id = self.known(incoming)
        if person_id is None:
            return self.refused(incoming)
        if self.too_fast(person_id):
            return self.throttled(incoming, person_id)
        try:
            event, turn = await self.done(incoming)
            return self.audited(incoming, person_id, event, turn)
        except SQLAlchemyError as error:
            logger.error("the store failed: %s", type(error).__name__)
            return said(NOT_STORED, "failed")

    def known(self, incoming: Incoming) -> int | None:
        with Session(self.engine) as session:
            person = known_person(session, channel=incoming.channel, address=incoming.address)
            return person.id if person else None

    def refused(self, incoming: Incoming) -> Turn:
        """One polite refusal; whoever goes on writing is not answered again for a while."""
        place = f"{incoming.channel}:{incoming.address}"
        last, now = self.refusals.pop(place, None), self.clock()
        self.refusals[place] = last if last is not None and now - last < REFUSE_AGAIN else now
        if len(self.refusals) > MOST_CONVERSATIONS:
            self.refusals.popitem(last=False)
        if self.refusals[place] == last:
            return Turn(Outcome("other", "refused"))
        return self.audited(incoming, None, "refused", said(REFUSED, "refused"))

    def too_fast(self, person_id: int) -> bool:
        now = self.clock()
        times = self.recent.setdefault(person_id, deque())
        while times and times[0] <= now - MINUTE:
            times.popleft()
        if len(times) >= self.messages_per_minute:
            return True
        times.append(now)
        return False

    def throttled(self, incoming: Incoming, person_id: int) -> Turn:
        """Said once a minute; answering every message of a flood would be one too."""
        last, now = self.slowed.get(person_id), self.clock()
        if last is not None and now - last < MINUTE:
            return Turn(Outcome("other", "throttled"))
        self.slowed[person_id] = now
        return self.audited(incoming, person_id, "throttled", said(TOO_FAST, "throttled"))

    def audited(self, incoming: Incoming, person_id: int | None, event: str, turn: Turn) -> Turn:
        detail = f"{turn.outcome.status}/{turn.outcome.intent}"
        with Session(self.engine) as session:
            now = self.clock()
            audit(session, channel=incoming.channel, person_id=person_id, event=event, detail=detail, now=now)
            if self.tidied_on != local_day(now):
                self.tidied_on = local_day(now)
                forget_old(session, now=now)
            session.commit()
        return turn

    async def done(self, incoming: Incoming) -> tuple[str, Turn]:
        """The event for the audit, and the turn."""
        place = f"{incoming.channel}:{incoming.conversation}"
        conversation = self.conversation(place)
        today = local_day(incoming.written_at)
        if isinstance(incoming.content, Typed):
            event = "command" if incoming.content.text.lstrip().startswith("/") else "text"
            return event, await self.typed(incoming.content.text, conversation, incoming.written_at)
        conversation.awaits_reason_for = None
        match incoming.content:
            case Unreadable(kind, caption):
                sentence = UNREADABLE.get(kind, UNREADABLE["file"])
                return "unreadable", with_warning(said(sentence, "unreadable"), self.guard.mask(caption))
            case Tapped(button):
                with Session(self.engine) as session:
                    meaning = meaning_of(session, conversation=place, button=button)
                    if meaning is None:
                        return "stale tap", Turn(OTHER, (presenting.plain(STALE_BUTTON),), notice="Älterer Knopf")
                    turn = self.tapped(session, MEANINGS.validate_python(meaning), conversation, today)
                    session.commit()
                return "tap", turn

    def conversation(self, place: str) -> Conversation:
        found = self.conversations.setdefault(place, Conversation(rasa_id=new_id()))
        self.conversations.move_to_end(place)
        if len(self.conversations) > MOST_CONVERSATIONS:
            self.conversations.popitem(last=False)
        return found

    def command(self, name: str, conversation: Conversation, today: date) -> Turn:
        match name:
            case "start":
                return Turn(Outcome("other", "help"), (presenting.welcome(),))
            case "hilfe" | "help":
                return Turn(Outcome("other", "help"), (presenting.help_text(),))
            case "themen":
                return Turn(Outcome("other", "help"), (presenting.browse(Browse(), self.knowledge, today),))
            case "abbrechen":
                reset(conversation)
                return said(CANCELLED, "cancel")
        return said(UNKNOWN_COMMAND, "out_of_scope")

    async def typed(self, text: str, conversation: Conversation, written_at: datetime) -> Turn:
        masked = self.guard.mask(text)
        if len(text) > LONGEST_MESSAGE:
            return with_warning(said(TOO_LONG, "out_of_scope"), masked)
        if text.lstrip().startswith("/"):
            conversation.awaits_reason_for = None
            command = COMMAND.match(text.lstrip())
            turn = self.command(command.group(1).lower() if command else "", conversation, local_day(written_at))
            return with_warning(turn, masked)
        if not WORD.search(plain(masked.text)):
            return with_warning(said(NO_WORDS, "out_of_scope"), masked)
        if conversation.awaits_reason_for is not None:
            self.keep_reason(conversation.awaits_reason_for, masked.text)
            conversation.awaits_reason_for = None
            return with_warning(said(THANKED, "feedback"), masked)
        conversation.turns += 1
        if conversation.turns > TURNS_PER_SESSION:
            conversation.rasa_id, conversation.turns = new_id(), 1
        answer, degraded = await self.understanding.understand(
            text=masked.text,
            context=Context(question=conversation.question, entries=conversation.entries),
            conversation=conversation.rasa_id,
            written_at=written_at,
            today=local_day(written_at),
        )
        turn = self.presented(answer, conversation, local_day(written_at), degraded=degraded)
        return with_warning(turn, masked)

    def presented(self, answer: Answer, conversation: Conversation, today: date, *, degraded: bool) -> Turn:
        entries = self.entries(scored.id for scored in answer.entries)
        citation = None
        match answer.status:
            case "answer":
                message = presenting.answered(entries, self.knowledge, today, answer.question)
                citation = "; ".join(self.knowledge.citation(entry) for entry in entries)
            case "choices":
                message = presenting.choices(entries, answer.question)
            case "no_answer":
                message = presenting.not_known(answer, entries)
            case "other":
                message = self.small_talk(answer.intent, conversation)
        if answer.status == "answer":
            conversation.question, conversation.entries = answer.base, [entry.id for entry in entries]
        elif answer.status != "other":
            conversation.question, conversation.entries = "", []
        if degraded:
            note = Paragraph(presenting.DEGRADED, Style.NOTE)
            message = Message((*message.paragraphs, note), message.rows)
        shown = () if answer.status == "no_answer" else tuple(answer.entries)
        return Turn(Outcome(answer.status, answer.intent, shown, citation, degraded), (message,))

    def small_talk(self, intent: str, conversation: Conversation) -> Message:
        if intent == "help":
            return presenting.help_text()
        if intent == "contacts":
            return presenting.contacts(self.knowledge)
        if intent == "cancel":
            reset(conversation)
        return presenting.plain(SMALL_TALK.get(intent, SMALL_TALK["smalltalk"]))

    def tapped(self, session: Session, meaning: AnyMeaning, conversation: Conversation, today: date) -> Turn:
        match meaning:
            case Show(entry=entry):
                return self.show(entry, conversation, today)
            case Details(entry=entry) | Original(entry=entry):
                found = self.entries([entry])
                if not found:
                    return Turn(OTHER, (presenting.plain(STALE_BUTTON),))
                render = presenting.details if isinstance(meaning, Details) else presenting.original
                return Turn(Outcome("other", "faq"), (render(found[0], self.knowledge),))
            case Browse():
                return Turn(Outcome("other", "help"), (presenting.browse(meaning, self.knowledge, today),))
            case PassOn(question=question, entries=entries):
                self.keep(session, FeedbackKind.PASSED_ON, question, entries)
                return said(KEPT, "feedback")
            case Verdict(helpful=True, question=question, entries=entries):
                self.keep(session, FeedbackKind.HELPFUL, question, entries)
                return Turn(Outcome("other", "feedback"), notice=THANKED)
            case Verdict(question=question, entries=entries):
                feedback = self.keep(session, FeedbackKind.UNHELPFUL, question, entries)
                return Turn(Outcome("other", "feedback"), (presenting.ask_reason(feedback),))
            case Reason(feedback=feedback, reason=None):
                conversation.awaits_reason_for = feedback
                return said(OWN_REASON, "feedback")
            case Reason(feedback=feedback, reason=reason):
                add_reason(session, feedback=feedback, reason=reason or "")
                return said(THANKED, "feedback")

    def show(self, entry: str, conversation: Conversation, today: date) -> Turn:
        found = [one for one in self.entries([entry]) if one.valid_on(today)]
        if not found:
            return Turn(OTHER, (presenting.plain(LAPSED),))
        answer = Answer.model_validate(
            {
                "status": "answer",
                "entries": [{"id": entry, "score": 1.0}],
                "question": found[0].question,
                "base": found[0].question,
            }
        )
        return self.presented(answer, conversation, today, degraded=False)

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        return [self.knowledge.entries[one] for one in ids if one in self.knowledge.entries]

    def keep_reason(self, feedback: int, reason: str) -> None:
        with Session(self.engine) as session:
            add_reason(session, feedback=feedback, reason=reason)
            session.commit()

    def keep(self, session: Session, kind: FeedbackKind, question: str, entries: Sequence[str]) -> int:
        return keep_feedback(session, kind=kind, question=question, entries=entries, now=self.clock())


def said(sentence: str, intent: str) -> Turn:
    return Turn(Outcome("other", intent), (presenting.plain(sentence),))


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
    return Turn(turn.outcome, (warning, *turn.messages), turn.notice, forget_incoming=True)


def reset(conversation: Conversation) -> None:
    conversation.rasa_id, conversation.turns = new_id(), 0
    conversation.question, conversation.entries, conversation.awaits_reason_for = "", [], None


def new_id() -> str:
    return secrets.token_hex(16)
