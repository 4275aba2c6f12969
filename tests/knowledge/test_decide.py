"""The decision every question ends in, from rankings made by hand over the real knowledge."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.decide import ANSWER_FROM, CHOICES_FROM, Decision, decide
from knowledge.load import Knowledge
from knowledge.ranking import Candidate, Ranking

TODAY = date(2026, 11, 23)
SURE = 0.99
UNSURE = (ANSWER_FROM + CHOICES_FROM) / 2
LOST = 0.05


def ranked(confidence: float, *candidates: tuple[str, float]) -> Ranking:
    return Ranking(tuple(Candidate(label, score) for label, score in candidates), confidence)


def shown(decision: Decision) -> list[str]:
    return [entry.id for entry in decision.entries]


class TestSure:
    def test_the_entry_is_the_answer(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-27", 0.9), ("faq-24", 0.05))
        decision = decide("bis wann muss der Antrag da sein", ranking, knowledge, TODAY)
        assert (decision.status, shown(decision)) == ("answer", ["faq-27"])

    def test_where_no_baustein_is_named_the_whole_family_answers(self, knowledge: Knowledge) -> None:
        decision = decide("wie hoch ist die Förderung", ranked(SURE, ("foerderhoehe", 0.9)), knowledge, TODAY)
        assert (decision.status, shown(decision)) == ("answer", ["faq-13", "faq-38"])

    @pytest.mark.parametrize(
        ("question", "entry"),
        [
            ("wie hoch ist die Förderung in Baustein 3", "faq-38"),
            ("wie hoch ist die Förderung in B1", "faq-13"),
            ("wie viel bekommt die ABH", "faq-38"),
            ("wie viel gibt es für die Koordination", "faq-13"),
            ("Koordination in Baustein 3: wie viel", "faq-38"),
        ],
    )
    def test_the_baustein_picks_from_the_family(self, knowledge: Knowledge, question: str, entry: str) -> None:
        decision = decide(question, ranked(SURE, ("faq-13", 0.5), ("faq-38", 0.4)), knowledge, TODAY)
        assert (decision.status, shown(decision)) == ("answer", [entry])

    def test_both_bausteine_named_get_both_answers(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("foerderhoehe", 0.9))
        decision = decide("Förderung in Baustein 1 und Baustein 3", ranking, knowledge, TODAY)
        assert shown(decision) == ["faq-13", "faq-38"]

    def test_one_sibling_that_stands_alone_answers_alone(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-38", 0.9), ("faq-13", 0.005))
        assert shown(decide("wie hoch ist die Förderung", ranking, knowledge, TODAY)) == ["faq-38"]

    def test_siblings_count_together_against_others(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-27", 0.4), ("faq-13", 0.35), ("faq-38", 0.25))
        assert shown(decide("wie hoch ist die Förderung", ranking, knowledge, TODAY)) == ["faq-13", "faq-38"]

    def test_a_named_baustein_without_a_rule_is_said_so(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-33", 0.9), ("faq-38", 0.05))
        decision = decide("wie viele Fälle in Baustein 3", ranking, knowledge, TODAY)
        assert (decision.status, decision.elsewhere) == ("no_answer", True)
        assert shown(decision)[0] == "faq-33"

    def test_a_rule_for_every_baustein_answers_whichever_is_named(self, knowledge: Knowledge) -> None:
        decision = decide("wer steuert in Baustein 3", ranked(SURE, ("faq-02", 0.9)), knowledge, TODAY)
        assert (decision.status, shown(decision)) == ("answer", ["faq-02"])


class TestUnsure:
    def test_two_entries_are_offered_at_least(self, knowledge: Knowledge) -> None:
        ranking = ranked(UNSURE, ("faq-27", 0.9), ("faq-24", 0.02), ("faq-28", 0.01))
        decision = decide("antrag?", ranking, knowledge, TODAY)
        assert decision.status == "choices"
        assert shown(decision)[0] == "faq-27"
        assert len(decision.entries) >= 2

    def test_four_entries_are_offered_at_most(self, knowledge: Knowledge) -> None:
        labels = ("foerderhoehe", "antrag", "laufzeit", "qualifikation", "faq-27", "faq-33")
        ranking = ranked(UNSURE, *((label, 0.16) for label in labels))
        decision = decide("förderung?", ranking, knowledge, TODAY)
        assert decision.status == "choices"
        assert len(decision.entries) == len(set(shown(decision))) == 4

    def test_what_is_far_behind_is_not_offered_third(self, knowledge: Knowledge) -> None:
        ranking = ranked(UNSURE, ("faq-27", 0.6), ("faq-33", 0.3), ("faq-09", 0.001))
        assert shown(decide("frist?", ranking, knowledge, TODAY)) == ["faq-27", "faq-33"]

    def test_a_refusal_among_the_candidates_is_no_choice(self, knowledge: Knowledge) -> None:
        ranking = ranked(UNSURE, ("out_of_scope", 0.4), ("faq-27", 0.3), ("thanks", 0.1), ("faq-33", 0.2))
        assert shown(decide("frist?", ranking, knowledge, TODAY)) == ["faq-27", "faq-33"]


class TestLost:
    def test_nothing_is_claimed_but_the_nearest_are_named(self, knowledge: Knowledge) -> None:
        labels = ("faq-27", "faq-33", "faq-09", "faq-21")
        decision = decide("wie wird das Wetter", ranked(LOST, *((label, 0.2) for label in labels)), knowledge, TODAY)
        assert (decision.status, decision.elsewhere) == ("no_answer", False)
        assert shown(decision) == ["faq-27", "faq-33", "faq-09"]

    @pytest.mark.parametrize("candidates", [(), (("out_of_scope", 1.0),), (("an-entry-long-gone", 1.0),)])
    def test_without_a_candidate_nothing_is_near(
        self, knowledge: Knowledge, candidates: tuple[tuple[str, float], ...]
    ) -> None:
        assert decide("?", ranked(SURE, *candidates), knowledge, TODAY) == Decision("no_answer", ())


class TestValidity:
    LAST_DAY = date(2028, 12, 31)
    DAY_AFTER = date(2029, 1, 1)

    def test_on_its_last_day_an_entry_is_given(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-27", 0.9), ("faq-33", 0.05))
        assert shown(decide("frist für den Antrag", ranking, knowledge, self.LAST_DAY)) == ["faq-27"]

    def test_the_day_after_it_is_not_and_no_other_baustein_is_blamed(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-27", 0.9), ("faq-33", 0.05))
        decision = decide("frist für den Antrag", ranking, knowledge, self.DAY_AFTER)
        assert "faq-27" not in shown(decision)
        assert (decision.status, decision.elsewhere) == ("no_answer", False)

    def test_of_a_family_the_valid_sibling_answers(self, knowledge: Knowledge) -> None:
        decision = decide("wer wird gefördert", ranked(SURE, ("wer-wird-gefoerdert", 0.9)), knowledge, self.DAY_AFTER)
        assert (decision.status, shown(decision)) == ("answer", ["faq-36"])

    def test_the_next_rule_of_a_section_does_not_stand_in_for_one_that_lapsed(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("aufenthg-25a-104c", 0.9), ("aufenthg-25a-schule", 0.01))
        question = "mit Chancen-Aufenthalt in § 25a wechseln"
        assert shown(decide(question, ranking, knowledge, date(2027, 6, 30))) == ["aufenthg-25a-104c"]
        assert decide(question, ranking, knowledge, date(2027, 7, 1)).status != "answer"


class TestSections:
    RANKING = ranked(SURE, ("aufenthg-25a-dauer", 0.5), ("aufenthg-25b-dauer", 0.4), ("faq-27", 0.05))

    @pytest.mark.parametrize(
        ("question", "entry"),
        [
            ("wie lange gilt § 25b", "aufenthg-25b-dauer"),
            ("wie lange gilt §25b?", "aufenthg-25b-dauer"),
            ("wie lange gilt § 25 b?", "aufenthg-25b-dauer"),
            ("25a: wie lange", "aufenthg-25a-dauer"),
            ("wie lange gilt das Bleiberecht", "aufenthg-25a-dauer"),
        ],
    )
    def test_a_section_named_rules_out_the_others(self, knowledge: Knowledge, question: str, entry: str) -> None:
        assert shown(decide(question, self.RANKING, knowledge, TODAY)) == [entry]

    def test_an_entry_on_a_section_is_not_ruled_out_by_its_number(self, knowledge: Knowledge) -> None:
        assert knowledge.entries["aufenthg-60c-danach"].source.section == "19d"
        ranking = ranked(SURE, ("aufenthg-60c-danach", 0.9), ("faq-27", 0.01))
        assert shown(decide("was ist § 19d?", ranking, knowledge, TODAY)) == ["aufenthg-60c-danach"]

    def test_of_two_sections_named_the_better_ranked_answers(self, knowledge: Knowledge) -> None:
        assert shown(decide("25a oder 25b?", self.RANKING, knowledge, TODAY)) == ["aufenthg-25a-dauer"]

    def test_the_faq_is_never_ruled_out_by_a_section(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("faq-37", 0.9), ("aufenthg-25a-dauer", 0.05))
        assert shown(decide("Stellen für §§ 25a und 25b", ranking, knowledge, TODAY))[0] == "faq-37"

    def test_confidence_in_a_section_ruled_out_is_not_lent_to_something_else(self, knowledge: Knowledge) -> None:
        ranking = ranked(SURE, ("aufenthg-25a-dauer", 0.9), ("faq-27", 0.02))
        assert decide("wie lange gilt § 60c", ranking, knowledge, TODAY).status != "answer"
