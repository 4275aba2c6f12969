"""Settings: unsafe or contradictory ones are refused in one German line that names the variable, never the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.settings import Settings, load_settings
from actions.store.models import Role
from knowledge.errors import LotseError

ENGLISH = ("input", "should", "valid ", "value error", "required", "appear", "literal", "greater", "unable")
BAD = [
    ("LOTSE_RASA_PORT", "geheim"),
    ("LOTSE_ACTION_PORT", "70707"),
    ("LOTSE_TURN_TIMEOUT", "-815"),
    ("LOTSE_LOG_LEVEL", "geheim"),
    ("LOTSE_TELEGRAM_STAFF", "geheim"),
    ("LOTSE_TELEGRAM_STAFF", "4711:"),
    ("LOTSE_TELEGRAM_STAFF", "4711:geheim:chefin"),
    ("LOTSE_TELEGRAM_STAFF", "4711:geheim:admin:mehr"),
    ("LOTSE_CHAT_HOURS", "48"),
    ("LOTSE_CHAT_HOURS", "-815"),
    ("LOTSE_TELEGRAM_STAFF", "²:geheim"),
    ("LOTSE_TELEGRAM_WEBHOOK_HOST", "geheim"),
    ("LOTSE_TELEGRAM_WEBHOOK_URL", "https://geheim.example"),
]


def complaint(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(LotseError) as caught:
        load_settings()
    return caught.value.sentence


def test_without_any_variable_it_starts() -> None:
    settings = load_settings()
    assert settings.staff == {}
    assert settings.telegram_token is None
    assert settings.database == Path(".lotse/lotse.db").absolute()


def test_an_empty_variable_is_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_RASA_PORT", "")
    monkeypatch.setenv("LOTSE_OVERLAY", "")
    settings = load_settings()
    assert (settings.rasa_port, settings.overlay) == (5005, None)


def test_everything_that_is_written_lies_under_the_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_DATA_DIR", "/srv/lotse")
    settings = load_settings()
    places = [settings.database, settings.models_dir, settings.logs_dir, settings.run_dir]
    assert all(place.is_relative_to("/srv/lotse") for place in places)


def test_staff_are_read_with_their_aliases_and_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_TELEGRAM_STAFF", "4711:lotse-1, 4712: Lotse-2,4713:lotse-3:admin")
    assert load_settings().staff == {
        4711: ("lotse-1", Role.CASE_MANAGER),
        4712: ("lotse-2", Role.CASE_MANAGER),
        4713: ("lotse-3", Role.ADMIN),
    }


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_a_bad_value_is_named_by_its_variable_in_one_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    sentence = complaint(monkeypatch, **{variable: value})
    assert variable in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_the_value_is_never_shown(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    sentence = complaint(monkeypatch, **{variable: value})
    assert not [part for part in value.split(":") if part and part in sentence]


@pytest.mark.parametrize(("variable", "value"), BAD)
def test_the_line_is_german_throughout(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    sentence = complaint(monkeypatch, **{variable: value}).lower()
    assert not [word for word in ENGLISH if word in sentence]


def test_the_same_port_twice_is_refused_by_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = complaint(monkeypatch, LOTSE_RASA_PORT="6000", LOTSE_ACTION_PORT="6000")
    assert "LOTSE_RASA_PORT" in sentence
    assert "LOTSE_ACTION_PORT" in sentence
    assert "6000" not in sentence


def test_a_secret_is_not_shown_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_TELEGRAM_TOKEN", "12345:geheim")
    monkeypatch.setenv("LOTSE_TELEGRAM_WEBHOOK_SECRET", "auch-geheim")
    monkeypatch.setenv("LOTSE_KEYS", "sehr-geheim")
    assert "geheim" not in repr(load_settings())


def test_a_webhook_with_its_secret_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOTSE_TELEGRAM_WEBHOOK_URL", "https://lotse.example/hook")
    monkeypatch.setenv("LOTSE_TELEGRAM_WEBHOOK_SECRET", "geheim")
    assert load_settings().telegram_webhook_host == "127.0.0.1"


def test_a_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOTSE_RASA_PORT=6001\nSOMETHING_ELSE=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    assert load_settings().rasa_port == 6001
