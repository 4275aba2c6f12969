"""The privacy guard with its tagger of names: trained where none fits, kept beside the language model."""

from __future__ import annotations

from actions.settings import Settings
from bot.runtime.progress import Progress
from knowledge.load import Knowledge
from nlu.privacy.guard import PrivacyGuard
from nlu.privacy.training import ensure_guard, names_file


def open_guard(settings: Settings, knowledge: Knowledge, progress: Progress) -> PrivacyGuard:
    """The guard that fits the data; its tagger is trained first if there is none (about half a minute)."""
    if names_file(settings.models_dir, settings.overlay).exists():
        return ensure_guard(settings.models_dir, knowledge, settings.overlay)
    with progress.step("Der Datenschutzfilter wird trainiert (etwa eine halbe Minute)"):
        return ensure_guard(settings.models_dir, knowledge, settings.overlay)
