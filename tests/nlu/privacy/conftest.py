"""The trained name tagger that fits the data."""

from __future__ import annotations

import pytest

from bot.runtime.environments import ROOT
from knowledge.load import Knowledge
from nlu.privacy.tagger import NameTagger, load_tagger
from nlu.privacy.training import ensure_names


@pytest.fixture(scope="session")
def tagger(knowledge: Knowledge) -> NameTagger:
    return load_tagger(ensure_names(ROOT / ".lotse" / "models", knowledge))
