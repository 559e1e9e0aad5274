"""`duban export` with each scope, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from tests.support.casework import World
from tests.support.exports import ExportDesk, lines_of, verified
from tests.support.logs import KEY
from webapp.cli import main
from workflows.store.tables import Case, Matter, Organisation

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


def named(desk: ExportDesk, case_id: str) -> dict[str, list[str]]:
    """Give the options that cover a case."""
    with desk.transaction() as session:
        case = session.get_one(Case, case_id)
        matter = session.get_one(Matter, case.matter_id)
        place = session.get_one(Organisation, case.subject_organisation_id)
        return {
            "case": ["--case", case.number],
            "matter": ["--matter", matter.number],
            "organisation": ["--organisation", place.code],
            "period": ["--from", "2026-03-01", "--to", "2026-12-31"],
            "since": ["--from", "2026-03-01"],
            "all": ["--all"],
        }


@pytest.mark.parametrize("options", ["case", "matter", "organisation", "period", "since", "all"])
def test_every_scope_is_written_recorded_and_verified(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path, options: str
) -> None:
    case_id, out = world.open_rectification(), tmp_path / "out.zip"
    arguments = [*named(desk, case_id)[options], "--recipient", "巡察办", "--purpose", "抽查"]
    done = run("export", str(out), *arguments, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["record_count"] == verified(out).counts.records
    assert case_id in {line["id"] for line in lines_of(out, "records.jsonl")}
    assert [each["recipient"] for each in desk.house_records("exported")] == ["巡察办"]
    assert [each["sha256"] for each in desk.house_records("export_downloaded")] == [told["sha256"]]
    assert list(desk.folder.iterdir()) == []


def test_levels_say_how_much_is_shown(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path
) -> None:
    world.open_rectification()
    out = tmp_path / "out.zip"
    assert run("export", str(out), "--all", "--levels", "none").exit_code == 0
    verdict = verified(out)
    assert verdict.counts.withheld > 0
    refused = run("export", str(tmp_path / "other.zip"), "--all", "--levels", "L9")
    assert refused.exit_code == 2
    assert "L9" in refused.stderr
    assert len(desk.house_records("exported")) == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--all", "--matter", "督〔2026〕1号"],
        ["--to", "2026-03-01"],
        ["--from", "2026-03-02", "--to", "2026-03-01"],
        ["--case", "督〔2026〕99号-1"],
        ["--matter", "督〔2026〕99号"],
        ["--organisation", "nowhere"],
    ],
)
def test_what_cannot_be_exported_is_refused_with_nothing_written(
    run: Run, world: World, desk: ExportDesk, tmp_path: Path, words: list[str]
) -> None:
    world.open_matter()
    out = tmp_path / "out.zip"
    refused = run("export", str(out), *words)
    assert refused.exit_code == 2
    assert not out.exists()
    assert desk.house_records("exported") == []


def test_a_file_that_is_there_is_not_replaced(run: Run, world: World, tmp_path: Path) -> None:
    world.open_matter()
    out = tmp_path / "out.zip"
    out.write_text("mine", "utf-8")
    assert run("export", str(out), "--all").exit_code == 2
    assert out.read_text("utf-8") == "mine"
