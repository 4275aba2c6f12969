"""One question and its follow-ups, as they are answered: the transcripts of the rule questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from actions.answering import Answer, Context, answer_question, asks_other_baustein, leans_on_context
from knowledge.load import Knowledge
from knowledge.ranking import Candidate, Ranker, Ranking
from tests.knowledge.tiny_ranker import train_tiny_ranker

TODAY = date(2026, 11, 23)
NOTHING = Ranking((), 0.0)


@pytest.fixture(scope="module")
def tiny() -> Ranker:
    return train_tiny_ranker()


def sure(label: str) -> Ranking:
    return Ranking((Candidate(label, 0.9),), 0.99)


def lost(label: str) -> Ranking:
    return Ranking((Candidate(label, 0.3),), 0.05)


@dataclass
class Talk:
    """A person asking; each answer is the context of the next question, as the bot keeps it."""

    knowledge: Knowledge
    ranker: Ranker
    today: date = TODAY
    context: Context = field(default_factory=Context)

    def ask(self, question: str, ranking: Ranking = NOTHING) -> Answer:
        answer = answer_question(
            question=question,
            ranking=ranking,
            context=self.context,
            today=self.today,
            knowledge=self.knowledge,
            ranker=self.ranker,
        )
        self.context = Context(question=answer.question, entries=shown(answer))
        return answer


def shown(answer: Answer) -> list[str]:
    return [entry.id for entry in answer.entries]


@pytest.fixture
def talk(knowledge: Knowledge, tiny: Ranker) -> Talk:
    return Talk(knowledge, tiny)


class TestAloneStanding:
    def test_a_question_is_answered(self, talk: Talk) -> None:
        answer = talk.ask("bis wann muss der Antrag da sein?", sure("faq-27"))
        assert (answer.status, answer.intent, shown(answer)) == ("answer", "faq", ["faq-27"])
        assert answer.question == "bis wann muss der Antrag da sein?"

    def test_what_is_out_of_scope_is_refused_as_such(self, talk: Talk) -> None:
        answer = talk.ask("wie wird das Wetter?", lost("out_of_scope"))
        assert (answer.status, answer.intent) == ("no_answer", "out_of_scope")

    def test_an_unclear_rule_question_is_refused_as_a_rule_question(self, talk: Talk) -> None:
        answer = talk.ask("was ist mit dem Dingsda?", lost("faq-27"))
        assert (answer.status, answer.intent, shown(answer)) == ("no_answer", "faq", ["faq-27"])

    def test_a_named_baustein_without_a_rule_is_said_so(self, talk: Talk) -> None:
        answer = talk.ask("Fallzahlen in Baustein 3?", sure("faq-33"))
        assert (answer.status, answer.elsewhere) == ("no_answer", True)

    def test_without_a_ranking_nothing_is_claimed(self, talk: Talk) -> None:
        assert talk.ask("???").status == "no_answer"


class TestFollowUps:
    @pytest.fixture
    def after_amounts(self, talk: Talk) -> Talk:
        """Wie hoch ist die Förderung? → both Bausteine"""
        assert shown(talk.ask("Wie hoch ist die Förderung?", sure("foerderhoehe"))) == ["faq-13", "faq-38"]
        return talk

    @pytest.mark.parametrize(
        ("follow_up", "entry"),
        [
            ("und bei Baustein 3?", "faq-38"),
            ("und in B1?", "faq-13"),
            ("Und für die Verwaltungsassistenz?", "faq-13"),
            ("gilt das auch für die ABH?", "faq-38"),
            ("wie ist das bei der Einbürgerungsbehörde", "faq-38"),
            ("was ist mit der Koordination", "faq-13"),
            ("oder fürs CM?", "faq-13"),
        ],
    )
    def test_the_same_question_for_what_is_named_now(self, after_amounts: Talk, follow_up: str, entry: str) -> None:
        answer = after_amounts.ask(follow_up, lost("faq-09"))
        assert (answer.status, shown(answer)) == ("answer", [entry])
        assert answer.question == f"Wie hoch ist die Förderung? {follow_up}"

    def test_from_one_sibling_to_the_other_and_back(self, talk: Talk) -> None:
        assert shown(talk.ask("Förderhöhe in Baustein 1?", sure("foerderhoehe"))) == ["faq-13"]
        assert shown(talk.ask("und bei Baustein 3?")) == ["faq-38"]
        assert shown(talk.ask("und für die Verwaltungsassistenz?")) == ["faq-13"]

    def test_a_sure_ranking_of_the_follow_up_alone_does_not_change_the_subject(self, after_amounts: Talk) -> None:
        assert shown(after_amounts.ask("und bei Baustein 3?", sure("faq-36"))) == ["faq-38"]

    def test_where_the_other_baustein_has_no_rule_that_is_said(self, talk: Talk) -> None:
        talk.ask("Wie viele Fälle pro Stelle?", sure("faq-33"))
        answer = talk.ask("gilt das auch für die ABH?")
        assert (answer.status, answer.elsewhere, shown(answer)) == ("no_answer", True, ["faq-33"])

    def test_a_rule_for_all_bausteine_holds_for_the_one_named_too(self, talk: Talk) -> None:
        talk.ask("Wer steuert die Zusammenarbeit?", sure("faq-02"))
        answer = talk.ask("gilt das auch für die ABH?")
        assert (answer.status, shown(answer)) == ("answer", ["faq-02"])

    def test_a_rule_that_has_lapsed_is_not_given_for_a_follow_up(self, knowledge: Knowledge, tiny: Ranker) -> None:
        talk = Talk(knowledge, tiny, date(2029, 1, 1), Context(question="Wer wird gefördert?", entries=["faq-36"]))
        answer = talk.ask("und in Baustein 1?")
        assert answer.status == "no_answer"
        assert "faq-07" not in shown(answer)

    def test_a_follow_up_with_a_subject_of_its_own_is_ranked_with_the_question_before(self, talk: Talk) -> None:
        talk.ask("Wie hoch ist die Förderung?", sure("foerderhoehe"))
        answer = talk.ask("und bis wann muss der Antrag gestellt werden?", sure("faq-27"))
        assert shown(answer) == ["faq-27"]

    def test_an_unsure_follow_up_leans_on_the_question_before(self, talk: Talk) -> None:
        talk.context = Context(question="Bis wann muss der Antrag gestellt werden?", entries=["faq-27"])
        answer = talk.ask("auch für neue Kommunen?", lost("faq-09"))
        assert shown(answer)[0] == "faq-27"
        assert answer.question == "Bis wann muss der Antrag gestellt werden? auch für neue Kommunen?"

    def test_without_a_question_before_a_follow_up_stands_alone(self, talk: Talk) -> None:
        answer = talk.ask("und bei Baustein 3?", lost("faq-38"))
        assert (answer.status, answer.question) == ("no_answer", "und bei Baustein 3?")

    def test_an_entry_that_no_longer_exists_is_passed_over(self, talk: Talk) -> None:
        talk.context = Context(question="Gab es das?", entries=["faq-99"])
        assert talk.ask("und bei Baustein 3?").status == "no_answer"


@pytest.mark.parametrize(
    ("message", "leans"),
    [
        ("und bei Baustein 3?", True),
        ("Gilt das auch für die ABH?", True),
        ("WIE SIEHT es bei der Koordination aus", True),
        ("dann für die EBH", True),
        ("Unding, so ein Antrag", False),
        ("bei Baustein 3", False),
        ("Und jetzt noch eine ganz andere Frage zu den Sachkosten bitte", False),
        ("", False),
    ],
)
def test_short_messages_that_begin_like_a_follow_up_lean_on_context(
    knowledge: Knowledge, message: str, leans: bool
) -> None:
    assert leans_on_context(message, knowledge) is leans


@pytest.mark.parametrize(
    ("message", "only_that"),
    [
        ("und bei Baustein 3?", True),
        ("gilt das auch für Bausteine 1 und 2", True),
        ("und für die Verwaltungsassistenzstelle?", True),
        ("und wer stellt den Antrag bei Baustein 3?", False),
        ("und die Kosten?", False),
        ("und dann?", False),
    ],
)
def test_only_a_baustein_repeats_the_question_before(knowledge: Knowledge, message: str, only_that: bool) -> None:
    assert asks_other_baustein(message, knowledge) is only_that


class TestWhatIsNoFollowUp:
    """On everything that was trained: after an answer, a short message about something else is not answered."""

    @pytest.mark.parametrize(
        "foreign", ["und mein urlaub?", "und wohngeld?", "und wie wird das wetter?", "und der Dolmetscher?"]
    )
    def test_something_foreign_is_refused_though_it_begins_like_one(
        self, foreign: str, knowledge: Knowledge, ranker: Ranker
    ) -> None:
        before = Context(question="Wie hoch ist die Förderung pro Stelle?", entries=["faq-13", "faq-38"])
        answer = answer_question(
            question=foreign,
            ranking=ranker.rank(foreign),
            context=before,
            today=date(2026, 11, 23),
            knowledge=knowledge,
            ranker=ranker,
        )
        assert answer.status == "no_answer"
