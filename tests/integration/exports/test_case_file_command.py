"""`duban case-file`: a PDF with its record, and what it refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from tests.support.casework import World
from tests.support.exports import ExportDesk
from tests.support.logs import KEY
from tests.support.papers import docx_text
from webapp.cli import main
from workflows.store.tables import Case

Run = Callable[..., Result]


@pytest.fixture
def run(engine: Engine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `duban` on the world of this test."""
    assert world.cases == []
    key = tmp_path / "master.key"
    key.write_text(KEY.hex(), "ascii")
    key.chmod(0o600)
    monkeypatch.setenv("DUBAN_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DUBAN_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    return lambda *words: CliRunner().invoke(main, list(words), catch_exceptions=False)


def number_of(desk: ExportDesk, case_id: str) -> str:
    with desk.transaction() as session:
        return session.get_one(Case, case_id).number


def test_the_file_of_a_case_is_written_and_recorded(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path
) -> None:
    number, out = number_of(desk, world.open_rectification()), tmp_path / "case.pdf"
    done = run("case-file", number, str(out), "--purpose", "移交", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    content = out.read_bytes()
    assert content.startswith(b"%PDF-")
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    (made,) = desk.house_records("case_file_made")
    assert (made["sha256"], made["purpose"]) == (told["sha256"], "移交")
    assert list(tmp_path.glob("*.unfinished")) == []


def test_the_names_ending_says_which_format_it_becomes(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path
) -> None:
    number = number_of(desk, world.open_rectification())
    for name in ("case.docx", "case.DOCX"):
        done = run("case-file", number, str(tmp_path / name), "--purpose", "移交")
        assert done.exit_code == 0, done.output
        assert number in docx_text((tmp_path / name).read_bytes())
    refused = run("case-file", number, str(tmp_path / "case.odt"), "--purpose", "移交")
    assert refused.exit_code == 2
    assert ".docx or .pdf" in refused.output
    assert [made["format"] for made in desk.house_records("case_file_made")] == ["docx", "docx"]


def test_a_report_is_written_and_recorded_and_names_no_person_unasked(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path
) -> None:
    number, out = number_of(desk, world.open_rectification()), tmp_path / "report.docx"
    words = ("inspection-report", str(out), "--recipient", "盟委巡察办", "--purpose", "巡察")
    done = run(*words, "--case", number, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert number in docx_text(out.read_bytes())
    (made,) = desk.house_records("inspection_report_made")
    assert (made["sha256"], made["recipient"], made["levels"]) == (
        told["sha256"],
        "盟委巡察办",
        ["L1"],
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ("--organisation", "nowhere"),
        ("--case", "督〔2026〕99号-1"),
        ("--inspector", "昇堃"),
        ("--from", "2026-05-02", "--to", "2026-05-01"),
    ],
)
def test_a_report_that_cannot_be_made_leaves_no_file_and_no_record(
    run: Run, desk: ExportDesk, tmp_path: Path, wrong: tuple[str, ...]
) -> None:
    out = tmp_path / "report.pdf"
    words = ("inspection-report", str(out), "--recipient", "盟委巡察办", "--purpose", "巡察")
    assert run(*words, *wrong).exit_code == 2
    assert not out.exists()
    assert desk.house_records("inspection_report_made") == []


def test_an_unknown_case_or_an_empty_purpose_writes_nothing(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path
) -> None:
    number, out = number_of(desk, world.open_rectification()), tmp_path / "case.pdf"
    assert run("case-file", "督〔2026〕99号-1", str(out), "--purpose", "移交").exit_code == 2
    assert run("case-file", number, str(out), "--purpose", " ").exit_code == 2
    assert not out.exists()
    assert desk.house_records("case_file_made") == []
