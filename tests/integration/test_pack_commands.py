"""Versions of the pack on the command line: put forward, compared, approved, listed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.packs import changed_files, replaced, shipped_files, write_folder
from tests.support.web import PASSWORD, make_account
from webapp.cli import main
from workflows.services.staff.first_accounts import HOUSE_CODE
from workflows.store.connection import open_engine, session_factory
from workflows.store.transaction import transaction

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder whose installation has a reviewer and two principals."""
    folder = tmp_path_factory.mktemp("installed")
    init = CliRunner().invoke(main, ["init"], env={"DUBAN_INSTANCE": str(folder)})
    assert init.exit_code == 0, init.output
    engine = open_engine(f"sqlite:///{folder / 'duban.sqlite3'}")
    with transaction(session_factory(engine)) as session:
        make_account(session, "shenhe", ("R04", HOUSE_CODE))
        make_account(session, "buzhang", ("R06", HOUSE_CODE))
        make_account(session, "xinren", ("R06", HOUSE_CODE), must_change_password=True)
    engine.dispose()
    return folder


@pytest.fixture
def run(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `duban` on a copy of the installation."""
    shutil.copytree(installed, tmp_path / "instance")
    monkeypatch.setenv("DUBAN_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("DUBAN_DATABASE_URL", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    def runner(*arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=typed, catch_exceptions=False)

    return runner


def _publish(run: Run, folder: Path, by: str = "shenhe", password: str = PASSWORD) -> Result:
    arguments = ("pack", "publish", str(folder), "--by", by, "--note", "期限改短")
    return run(*arguments, "--password-file", "-", typed=f"{password}\n")


def test_a_version_goes_from_a_folder_into_force(run: Run, tmp_path: Path) -> None:
    folder = write_folder(changed_files("2", R_PLANCHK=3), tmp_path / "changed")
    put = _publish(run, folder)
    assert put.exit_code == 0, put.output
    listed = json.loads(run("pack", "list", "--json").output)
    assert [(each["label"], each["standing"]) for each in listed] == [
        ("2", "waiting"),
        ("1", "in_force"),
    ]
    approve = ("pack", "approve", listed[0]["hash"][:12], "--by", "buzhang")
    left = run(*approve, typed=f"{PASSWORD}\nn\n")
    assert left.exit_code == 1
    assert "方案审核期限由5个工作日改为3个工作日" in left.output
    done = run(*approve, "--yes", typed=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert "waiting" not in run("pack", "list").output
    again = run(*approve, "--yes", typed=f"{PASSWORD}\n")
    assert again.exit_code == 2
    assert "does not wait any more" in again.output


def test_who_puts_forward_cannot_approve(run: Run, tmp_path: Path) -> None:
    _publish(run, write_folder(changed_files("2"), tmp_path / "changed"))
    pack_hash = json.loads(run("pack", "list", "--json").output)[0]["hash"]
    refused = run("pack", "approve", pack_hash, "--by", "shenhe", "--yes", typed=f"{PASSWORD}\n")
    assert refused.exit_code == 2
    assert "R06" in refused.output


@pytest.mark.parametrize(
    "by,password", [("shenhe", "wrong"), ("nobody", PASSWORD), ("xinren", PASSWORD)]
)
def test_a_name_without_its_password_does_nothing(
    run: Run, tmp_path: Path, by: str, password: str
) -> None:
    folder = write_folder(changed_files("2"), tmp_path / "changed")
    assert _publish(run, folder, by, password).exit_code == 2
    assert len(json.loads(run("pack", "list", "--json").output)) == 1


def test_a_pack_with_faults_is_refused_with_every_finding(run: Run, tmp_path: Path) -> None:
    files = replaced(changed_files("2"), "parameters.toml", "[R_PLAN]", "[R_PLAN_NEW]")
    refused = _publish(run, write_folder(files, tmp_path / "changed"))
    assert refused.exit_code == 2
    assert "timer-expression" in refused.output
    assert len(json.loads(run("pack", "list", "--json").output)) == 1


def test_two_folders_are_compared_without_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_INSTANCE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    old = write_folder(shipped_files(), tmp_path / "old")
    new = write_folder(changed_files("2", R_PLANCHK=3), tmp_path / "new")
    said = CliRunner().invoke(main, ["pack", "diff", str(old), str(new)])
    assert said.exit_code == 0
    assert "~ “Review of the plan”: term changed from 5 working days to 3" in said.output
    assert not (tmp_path / "nowhere").exists()
    broken = write_folder(replaced(shipped_files(), "pack.toml", "ladder", "x"), tmp_path / "b")
    refused = CliRunner().invoke(main, ["pack", "diff", str(old), str(broken)])
    assert refused.exit_code == 2
    assert "pack-about" in refused.output


def test_a_folder_is_compared_with_what_is_installed(run: Run, tmp_path: Path) -> None:
    pack_hash = json.loads(run("pack", "list", "--json").output)[0]["hash"]
    folder = write_folder(changed_files("2", R_PASS=75), tmp_path / "changed")
    found = json.loads(run("pack", "diff", pack_hash[:6], str(folder), "--json").output)
    assert [each["said"]["zh"] for each in found["changes"]] == [
        "规则包的版本号由1改为2",
        "验收合格分由70分改为75分",
    ]
    for unclear in ("", pack_hash[:5], "%%%%%%", "0" * 12):
        assert run("pack", "diff", unclear, str(folder)).exit_code == 2
