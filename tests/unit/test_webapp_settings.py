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


def test_the_days_checkpoint_is_mailed_where_somebody_is_named() -> None:
    server = {"DUBAN_SMTP_HOST": "mail.local", "DUBAN_SMTP_FROM": "duban@qi.local"}
    without = Settings.from_environment(server).mail
    assert without is not None
    assert without.recipients == ()
    assert (without.reaches("a@QI.local"), without.reaches("a@qi.local.example")) == (True, False)
    assert Settings.from_environment({}).mail is None
    given = {**server, "DUBAN_CHECKPOINT_MAIL": "a@qi.local, b@qi.local"}
    mail = Settings.from_environment({**given, "DUBAN_SMTP_PASSWORD": "not shown"}).mail
    assert mail is not None
    assert mail.recipients == ("a@qi.local", "b@qi.local")
    assert (mail.host, mail.port, mail.security) == ("mail.local", 25, "starttls")
    assert "not shown" not in repr(mail)


@pytest.mark.parametrize(
    "wrong",
    [
        {"DUBAN_CHECKPOINT_MAIL": "a@qi.local"},
        {"DUBAN_CHECKPOINT_MAIL": "nobody"},
        {"DUBAN_SMTP_SECURITY": "some"},
        {"DUBAN_SMTP_PORT": "0"},
        {"DUBAN_SMTP_HOST": "mail.local"},
        {"DUBAN_MAIL_DOMAINS": "a@b"},
        {"DUBAN_ADDRESS": "duban.example"},
        {"DUBAN_WEBHOOK_NETWORKS": "10.0.0.1/8"},
        {"DUBAN_SM3": "yes"},
    ],
    ids=str,
)
def test_mail_that_cannot_be_sent_is_refused_at_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid, match=next(iter(wrong))):
        Settings.from_environment(wrong)


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
