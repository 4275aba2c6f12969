"""Turns that answer rule questions: what is shown, what a tap below does, and what is kept for the curators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from actions.answering import Answer, ScoredEntry
from actions.clock import Clock
from actions.store.models import FeedbackKind
from actions.store.records import add_reason, keep_feedback
from bot import presenting
from bot.conversations import Conversation
from bot.messages import (
    Browse,
    Details,
    Message,
    Original,
    Outcome,
    Paragraph,
    PassOn,
    Reason,
    Show,
    Style,
    Turn,
    Verdict,
)
from knowledge.deadlines import DeadlineDay, Deadlines
from knowledge.load import Knowledge
from knowledge.models import Entry

STALE_BUTTON = "Dieser Knopf gehört zu einer älteren Nachricht. Bitte stellen Sie Ihre Frage noch einmal."
LAPSED = "Dieser Eintrag gilt heute nicht mehr. Bitte stellen Sie Ihre Frage neu oder sehen Sie unter /themen nach."
KEPT = "Ich habe die Frage für die Koordination notiert. Vielen Dank."
THANKED = "Danke für die Rückmeldung."
OWN_REASON = "Bitte schreiben Sie den Grund in einem Satz, ohne Namen. Mit /abbrechen geht es ohne Grund weiter."
OTHER = Outcome("other", "out_of_scope")

KnowledgeMeaning = Show | Details | Original | Browse | PassOn | Verdict | Reason


@dataclass(frozen=True)
class Questions:
    """`without_numbers` takes case numbers out of a text: what is kept of a question names no case."""

    knowledge: Knowledge
    calendar: Deadlines
    clock: Clock
    without_numbers: Callable[[str], str]

    def presented(self, answer: Answer, conversation: Conversation, *, today: date, degraded: bool) -> Turn:
        """The answer, the choices or the refusal; remembers what a follow-up would lean on."""
        entries = self.entries(scored.id for scored in answer.entries)
        question = self.without_numbers(answer.question)
        citation = None
        match answer.status:
            case "answer":
                message = presenting.answered(entries, self.knowledge, today, question, self.deadlines(entries, today))
                citation = "; ".join(self.knowledge.citation(entry) for entry in entries)
                conversation.question = self.without_numbers(answer.base)
                conversation.entries = [entry.id for entry in entries]
            case "choices":
                message = presenting.choices(entries, question)
                conversation.question, conversation.entries = "", []
            case _:
                message = presenting.not_known(entries, question, elsewhere=answer.elsewhere)
                conversation.question, conversation.entries = "", []
        if degraded:
            note = Paragraph(presenting.DEGRADED, Style.NOTE)
            message = Message((*message.paragraphs, note), message.rows)
        shown = () if answer.status == "no_answer" else tuple(answer.entries)
        return Turn(Outcome(answer.status, answer.intent, shown, citation, degraded), (message,))

    def deadlines(self, entries: Sequence[Entry], today: date) -> list[DeadlineDay]:
        """The next day of each deadline that these entries state, within a year."""
        ids = {entry.id for entry in entries}
        coming = self.calendar.between(today, today + relativedelta(years=1))
        first = {one.deadline.id: one for one in reversed(coming) if one.deadline.entry in ids}
        return sorted(first.values(), key=lambda one: one.day)

    def tapped(self, session: Session, meaning: KnowledgeMeaning, conversation: Conversation, today: date) -> Turn:
        """What a tap under an answer, a choice or a menu does. The caller commits."""
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
                return presenting.said(KEPT, "feedback")
            case Verdict(helpful=True, question=question, entries=entries):
                self.keep(session, FeedbackKind.HELPFUL, question, entries)
                return Turn(Outcome("other", "feedback"), notice=THANKED)
            case Verdict(question=question, entries=entries):
                feedback = self.keep(session, FeedbackKind.UNHELPFUL, question, entries)
                return Turn(Outcome("other", "feedback"), (presenting.ask_reason(feedback),))
            case Reason(feedback=feedback, reason=None):
                conversation.awaits_reason_for = feedback
                return presenting.said(OWN_REASON, "feedback")
            case Reason(feedback=feedback, reason=reason):
                return self.reason_given(session, feedback, reason or "")

    def reason_given(self, session: Session, feedback: int, reason: str) -> Turn:
        add_reason(session, feedback=feedback, reason=self.without_numbers(reason))
        return presenting.said(THANKED, "feedback")

    def show(self, entry: str, conversation: Conversation, today: date) -> Turn:
        found = [one for one in self.entries([entry]) if one.valid_on(today)]
        if not found:
            return Turn(OTHER, (presenting.plain(LAPSED),))
        scored = [ScoredEntry(id=entry, score=1.0)]
        answer = Answer(status="answer", entries=scored, question=found[0].question, base=found[0].question)
        return self.presented(answer, conversation, today=today, degraded=False)

    def entries(self, ids: Iterable[str]) -> list[Entry]:
        return [self.knowledge.entries[one] for one in ids if one in self.knowledge.entries]

    def keep(self, session: Session, kind: FeedbackKind, question: str, entries: Sequence[str]) -> int:
        return keep_feedback(session, kind=kind, question=question, entries=entries, now=self.clock())
