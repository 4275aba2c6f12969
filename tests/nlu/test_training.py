"""What Rasa trains from: a complete project, written anew, with a fingerprint of its content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.casework import load_casework
from knowledge.load import Knowledge, load_examples
from knowledge.models import Example
from nlu.training import fingerprint, intents, one_line, write_training_data

QUICK = settings(deadline=None, derandomize=True)
EXAMPLES = [
    Example(label="faq-27", voice="hurried", text="antragsfrist?"),
    Example(label="faq-27", voice="hurried", text="bis wann antrag"),
    Example(label="faq-27", voice="mixed", text="Bis wann muss der Antrag da sein?"),
    Example(label="out_of_scope", voice="mixed", text="Wie wird das Wetter?"),
]


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path, knowledge: Knowledge) -> Path:
    write_training_data(tmp_path / "training", knowledge, load_casework(), EXAMPLES)
    return tmp_path / "training"


def test_the_project_is_complete(project: Path) -> None:
    files = sorted(str(file.relative_to(project)) for file in project.rglob("*.yml"))
    assert files == ["config.yml", "data/questions.yml", "data/rules.yml", "data/small_talk.yml", "domain.yml"]


def test_questions_stand_in_blocks_by_label_and_voice(project: Path) -> None:
    assert read(project / "data" / "questions.yml")["nlu"] == [
        {"intent": "faq/faq-27.hurried", "examples": "- antragsfrist?\n- bis wann antrag\n"},
        {"intent": "faq/faq-27.mixed", "examples": "- Bis wann muss der Antrag da sein?\n"},
        {"intent": "out_of_scope/out_of_scope.mixed", "examples": "- Wie wird das Wetter?\n"},
    ]


def test_the_ranker_gets_the_vocabulary_and_the_groups(project: Path, knowledge: Knowledge) -> None:
    ranker = read(project / "config.yml")["pipeline"][0]
    assert ranker["name"] == "nlu.components.question_ranker.QuestionRanker"
    assert ranker["abbreviations"] == dict(knowledge.vocabulary.abbreviations)
    assert ranker["shapes"] == knowledge.vocabulary.shapes | {"fallnummer": load_casework().number_shape}
    assert ranker["group_of"] == knowledge.group_of


def test_every_intent_and_action_of_the_rules_is_in_the_domain(project: Path) -> None:
    domain = read(project / "domain.yml")
    steps = [step for rule in read(project / "data" / "rules.yml")["rules"] for step in rule["steps"]]
    assert {step["intent"] for step in steps if "intent" in step} == set(domain["intents"])
    assert {step["action"] for step in steps if "action" in step} == {*domain["actions"], *domain["responses"]}


def test_every_intent_has_examples(project: Path, knowledge: Knowledge) -> None:
    write_training_data(project, knowledge, load_casework(), load_examples())
    blocks = read(project / "data" / "questions.yml")["nlu"] + read(project / "data" / "small_talk.yml")["nlu"]
    trained = {block["intent"].split("/")[0] for block in blocks}
    assert trained == set(read(project / "domain.yml")["intents"])


def test_what_was_there_before_is_replaced(project: Path, knowledge: Knowledge) -> None:
    (project / "data" / "left_over.yml").write_text("alt")
    write_training_data(project, knowledge, load_casework(), EXAMPLES)
    assert not (project / "data" / "left_over.yml").exists()


@QUICK
@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
@example(["[Köln](ort)", "{'a': 1}", '[x]{"entity": "y"}', "\\", "- noch eine", "erste\n- zweite", "a: b # c", "| >"])
def test_no_example_breaks_out_of_its_line(texts: list[str]) -> None:
    blocks = intents([Example(label="faq-27", voice="mixed", text=text) for text in texts])
    again = yaml.safe_load(yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False, width=1000))
    (block,) = again
    lines = block["examples"].splitlines()
    assert len(lines) == len(texts)
    assert all(line.startswith("- ") for line in lines)
    assert not set("[]{}\\") & set(block["examples"])


@pytest.mark.parametrize(
    ("text", "line"),
    [("[Köln](ort) kommt", "Köln (ort) kommt"), ("erste\n- zweite", "erste - zweite"), ("a \\ b", "a b")],
)
def test_markup_is_taken_out_and_the_words_stay(text: str, line: str) -> None:
    assert one_line(text) == line


class TestFingerprint:
    def test_writing_the_same_again_keeps_it(self, project: Path, knowledge: Knowledge) -> None:
        before = fingerprint(project)
        write_training_data(project, knowledge, load_casework(), EXAMPLES)
        assert fingerprint(project) == before

    def test_time_does_not_change_it(self, project: Path) -> None:
        before = fingerprint(project)
        for file in project.rglob("*.yml"):
            os.utime(file, (0, 0))
        assert fingerprint(project) == before

    def test_its_folder_does_not_change_it(self, project: Path, tmp_path: Path, knowledge: Knowledge) -> None:
        write_training_data(tmp_path / "elsewhere", knowledge, load_casework(), EXAMPLES)
        assert fingerprint(tmp_path / "elsewhere") == fingerprint(project)

    @pytest.mark.parametrize(
        "examples",
        [
            EXAMPLES[:-1],
            [*EXAMPLES, Example(label="faq-27", voice="mixed", text="Antrag: wann?")],
            [EXAMPLES[0].model_copy(update={"label": "faq-24"}), *EXAMPLES[1:]],
            [EXAMPLES[0].model_copy(update={"voice": "mixed"}), *EXAMPLES[1:]],
        ],
        ids=["one less", "one more", "another label", "another voice"],
    )
    def test_an_example_changes_it(self, project: Path, knowledge: Knowledge, examples: list[Example]) -> None:
        before = fingerprint(project)
        write_training_data(project, knowledge, load_casework(), examples)
        assert fingerprint(project) != before

    def test_a_word_of_the_vocabulary_changes_it(self, project: Path) -> None:
        before = fingerprint(project)
        config = project / "config.yml"
        config.write_text(config.read_text(encoding="utf-8").replace("auslaenderbehoerde", "amt"), encoding="utf-8")
        assert fingerprint(project) != before
