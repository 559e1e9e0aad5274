"""Bundles of every scope are made by the job, verify, and are the same however often."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from tests.support.bundles import json_lines, read_bundle
from tests.support.casework import World
from tests.support.exports import ExportDesk, lines_of, verified, whole_text
from workflows.domain.bundle_scopes import BundleScope, PeriodInvalid, ScopeKind
from workflows.jobs.exporting import bundle_path, expire_files, run_exports, run_one
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import ask_again
from workflows.services.exports.work import KEPT_FOR
from workflows.services.numbers import MATTERS, next_number
from workflows.services.vault import vault_of
from workflows.store.tables import (
    BundleJob,
    Case,
    Checkpoint,
    Installation,
    LogLeaf,
    SubjectKey,
)


def scope_of(desk: ExportDesk, case_id: str, kind: str) -> BundleScope:
    """Give a scope that covers a case."""
    with desk.transaction() as session:
        case = session.get_one(Case, case_id)
        ids = {
            "cases": case_id,
            "matter": case.matter_id,
            "organisation": case.subject_organisation_id,
        }
        day = case.opened_at.date()
    if kind == "period":
        return BundleScope(ScopeKind.PERIOD, (), day, day + timedelta(days=1000))
    return BundleScope(ScopeKind(kind), (ids[kind],) if kind in ids else ())


@pytest.mark.parametrize("kind", [kind.value for kind in ScopeKind])
def test_a_bundle_of_each_scope_verifies(world: World, desk: ExportDesk, kind: str) -> None:
    case_id = world.open_rectification()
    other = world.open_matter(problem_type="P301")
    path = desk.export(scope_of(desk, case_id, kind))
    verdict = verified(path)
    streams = {line["id"] for line in lines_of(path, "records.jsonl")}
    assert case_id in streams
    assert (other in streams) == (kind in ("organisation", "period", "all"))
    assert verdict.counts.withheld == 0
    assert {line["state"] for line in lines_of(path, "register.jsonl")} == {"open"}
    house = [line for line in lines_of(path, "records.jsonl") if line["stream"] == "house"]
    if kind in ("period", "all"):
        assert verdict.claimed[1] > verdict.claimed[0]
        assert len(house) > 1
    else:
        assert [line["trigger"]["name"] for line in house] == ["directory_stated"]


def test_the_same_record_gives_the_same_bytes_again(world: World, desk: ExportDesk) -> None:
    world.open_rectification()
    job_id = desk.ask()
    first = desk.make(job_id).read_bytes()
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
    assert expire_files(desk.sessions, desk.folder) == 0
    assert not bundle_path(desk.folder, job_id).exists()
    world.now += timedelta(days=90)
    world.open_matter(problem_type="P301")
    world.sweep()
    with desk.transaction() as session:
        ask_again(session, SYSTEM["init"], job_id)
    assert run_exports(desk.sessions, desk.folder) == {"made": 1}
    assert bundle_path(desk.folder, job_id).read_bytes() == first
    assert len(desk.house_records("exported")) == 1


def test_two_exports_verify_and_the_second_tells_of_the_first(
    world: World, desk: ExportDesk
) -> None:
    world.open_matter()
    first, second = desk.export(), desk.export()
    sizes = [verified(path).manifest["tree_size"] for path in (first, second)]
    assert sizes[1] > sizes[0]
    told = [
        line["payload"]["form"]
        for line in lines_of(second, "payloads.jsonl")
        if "app_version" in line["payload"]["form"]
    ]
    assert [(each["recipient"], each["purpose"]) for each in told] == [("盟委巡察办", "年度检查")]
    assert [each["tree_size"] for each in told] == [sizes[0]]


def test_officers_work_on_while_a_bundle_is_made(world: World, desk: ExportDesk) -> None:
    cases = [world.open_rectification() for _ in range(3)]
    job_id, steps = desk.ask(), []

    def work(_done: int, _total: int) -> None:
        if len(steps) < 4:
            world.now += timedelta(days=40)
            steps.append(world.sweep().fired)
            world.open_matter(problem_type="P301")

    path = desk.make(job_id, work)
    assert sum(steps) >= 3
    verified(path)
    states = {line["id"]: line["seq"] for line in lines_of(path, "state.jsonl")}
    with desk.transaction() as session:
        now = {case_id: session.get_one(Case, case_id).version for case_id in cases}
    assert {case_id: states[case_id] for case_id in cases} != now, "some case had moved on"
    assert verified(desk.export()).counts.cases == len(cases) + 4


def test_a_past_period_ends_with_the_checkpoint_that_covers_it(
    world: World, desk: ExportDesk
) -> None:
    first = world.open_rectification()
    desk.export()
    world.now += timedelta(days=100)
    later = world.open_matter(problem_type="P301")
    world.sweep()
    day = date(2026, 3, 10)
    path = desk.export(BundleScope(ScopeKind.PERIOD, (), day, day + timedelta(days=5)))
    verdict = verified(path)
    streams = {line["id"] for line in lines_of(path, "records.jsonl")}
    assert first in streams
    assert later not in streams
    assert verdict.claimed[1] < verdict.manifest["tree_size"]
    assert verdict.manifest["scope"]["end_index"] == verdict.claimed[1]


def test_a_period_in_which_nothing_happened_is_whole_and_empty_of_cases(
    world: World, desk: ExportDesk
) -> None:
    world.open_matter()
    path = desk.export(BundleScope(ScopeKind.PERIOD, (), date(2020, 1, 1), date(2020, 1, 2)))
    assert verified(path).counts.cases == 0
    with pytest.raises(PeriodInvalid):
        BundleScope(ScopeKind.PERIOD, (), date(2026, 3, 2), date(2026, 3, 1))


def test_numbers_that_nobody_has_show_in_a_whole_register(world: World, desk: ExportDesk) -> None:
    for _ in range(2):
        world.open_matter()
    with desk.transaction() as session:
        next_number(session, MATTERS, 2026)
    last = world.open_matter()
    lines = lines_of(desk.export(), "register.jsonl")
    assert [line["number"] for line in lines if line["state"] == "void"] == ["督〔2026〕3号"]
    alone = lines_of(desk.export(scope_of(desk, last, "matter")), "register.jsonl")
    assert [line["number"] for line in alone] == ["督〔2026〕4号-1"]


def test_what_was_erased_since_is_no_longer_made_as_it_was(world: World, desk: ExportDesk) -> None:
    case_id = world.open_rectification()
    job_id = desk.ask()
    desk.make(job_id)
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
        subject = session.get_one(Case, case_id).subject_organisation_id
        key = session.scalars(select(SubjectKey).where(SubjectKey.subject_id == subject)).one()
        session.execute(delete(SubjectKey).where(SubjectKey.id == key.id))
        vault_of(session).forget(key.id)
        ask_again(session, SYSTEM["init"], job_id)
    assert run_one(desk.sessions, desk.folder, job_id) == "failed"
    assert (desk.job(job_id).failure or {})["code"] == "export_changed"
    expire_files(desk.sessions, desk.folder)
    assert list(desk.folder.iterdir()) == []
    fresh = desk.export(scope_of(desk, case_id, "cases"))
    verdict = verified(fresh)
    assert {entry["reason"] for entry in verdict.manifest["withheld"]} == {"erased"}
    (state,) = lines_of(fresh, "state.jsonl")
    assert state["facts"] == {}
    assert "problem_type" in state["withheld"]


def test_files_go_after_their_time_and_what_they_were_stays(world: World, desk: ExportDesk) -> None:
    world.open_matter()
    job_id = desk.ask()
    path = desk.make(job_id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert desk.folder.stat().st_mode & 0o077 == 0
    assert expire_files(desk.sessions, desk.folder) == 0
    with desk.transaction() as session:
        offset = int((KEPT_FOR + timedelta(hours=1)).total_seconds())
        session.get_one(Installation, 1).clock_offset_seconds += offset
    assert run_exports(desk.sessions, desk.folder) == {"expired": 1}
    assert list(desk.folder.iterdir()) == []
    job = desk.job(job_id)
    assert (job.state, len(job.sha256 or ""), len(job.manifest_hash or "")) == ("expired", 64, 64)


def test_a_narrower_bundle_names_only_whom_its_records_name(world: World, desk: ExportDesk) -> None:
    case_id = world.open_matter()
    world.open_rectification()
    alone = read_bundle(desk.export(scope_of(desk, case_id, "cases")))
    people = {line["name"] for line in json_lines(alone["directory.jsonl"])}
    assert people == {"登记人"}
    assert "核实甲" not in whole_text(alone)
    accounts = {line["account"] for line in json_lines(alone["grants.jsonl"])}
    assert accounts <= {line["id"] for line in json_lines(alone["directory.jsonl"])}
    everything = lines_of(desk.export(), "directory.jsonl")
    assert {"登记人", "核实甲", "核实乙", "承办"} <= {line["name"] for line in everything}


def test_the_log_is_sealed_and_signed_before_a_bundle_is_made(
    world: World, desk: ExportDesk
) -> None:
    world.open_matter()
    size = verified(desk.export()).manifest["tree_size"]
    with desk.transaction() as session:
        sealed = session.scalar(
            select(func.count()).select_from(LogLeaf).where(LogLeaf.index < size)
        )
        assert sealed == size
        assert session.get(Checkpoint, size) is not None


def test_a_scope_without_a_case_is_refused_with_its_reason(world: World, desk: ExportDesk) -> None:
    job_id = desk.ask(BundleScope(ScopeKind.ORGANISATION, (world.cast.subject_id,)))
    assert run_one(desk.sessions, desk.folder, job_id) == "failed"
    assert (desk.job(job_id).failure or {})["code"] == "nothing_to_export"
    assert desk.house_records("exported") == []
