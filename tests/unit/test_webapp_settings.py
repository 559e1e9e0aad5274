"""Settings are read once, and all that are wrong are told together."""

import re
import stat
from pathlib import Path

import pytest

from webapp.settings import Settings, SettingsInvalid, secret_key

ROOT = Path(__file__).resolve().parents[2]


def test_without_any_variable_an_installation_lies_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.instance == tmp_path / "instance"
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/duban.sqlite3"


def test_all_wrong_values_are_reported_together() -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Settings.from_environment(
            {"DUBAN_HTTPS": "perhaps", "DUBAN_PROXIES": "-1", "DUBAN_DATABASE_URL": "mysql://x"}
        )
    for name in ("DUBAN_HTTPS", "DUBAN_PROXIES", "DUBAN_DATABASE_URL"):
        assert name in str(caught.value)


def test_the_short_address_of_postgresql_takes_the_installed_driver() -> None:
    settings = Settings.from_environment({"DUBAN_DATABASE_URL": "postgresql://u@h/d"})
    assert settings.database_url == "postgresql+psycopg://u@h/d"


def test_the_cookie_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert secret_key(tmp_path) == first
    assert len(first) >= 32
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_installations_have_two_cookie_keys(tmp_path: Path) -> None:
    assert secret_key(tmp_path / "one") != secret_key(tmp_path / "two")


def test_the_reference_lists_every_setting_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    source = (ROOT / "webapp" / "settings.py").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(DUBAN_\w+)`", page, re.MULTILINE))
    assert listed == set(re.findall(r'"(DUBAN_\w+)"', source)) != set()
