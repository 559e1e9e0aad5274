"""A measure that an appeal revoked, as a reader has it who is given the matter's bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.test_appeals import ADMONISHED, appeal, decided
from tests.support.bundles import read_bundle
from tests.support.casework import Player, World
from tests.support.exports import ExportDesk, lines_of, verified, whole_text
from tests.support.logs import sqlite_log_world
from tests.support.packages import Opened, opened
from tests.support.persons import FirstChoice, measured, person_case
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.engine.replay import Replayed
from workflows.jobs.replaying import replay_bundle
from workflows.store.tables import Case


@dataclass(frozen=True)
class Revoked:
    """A matter whose person appealed, and where its bundles are made."""

    world: World
    desk: ExportDesk
    origin: Case
    appeal: Case

    @property
    def matter(self) -> BundleScope:
        return BundleScope(ScopeKind.MATTER, (self.origin.matter_id,))


@pytest.fixture(scope="module")
def revoked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Revoked]:
    """Somebody was admonished, appealed, and was restored."""
    folder = tmp_path_factory.mktemp("revoked")
    with sqlite_log_world(folder) as world:
        case_id = person_case(world, "镇党委副书记")
        measured(world, case_id, ADMONISHED)
        appeal_id = appeal(world, case_id)
        decided(world, appeal_id, "as_proposed", "revoked")
        world.sweep()
        for activity in ("restore", "seal_origin"):
            Player(world, FirstChoice()).do(appeal_id, activity)
        with world.transaction() as session:
            cases = [session.get_one(Case, each) for each in (case_id, appeal_id)]
        yield Revoked(world, ExportDesk(world.sessions, folder), *cases)


@pytest.fixture(scope="module")
def bundle(revoked: Revoked) -> Path:
    return revoked.desk.export(revoked.matter)


@pytest.fixture(scope="module")
def package(revoked: Revoked) -> Opened:
    return opened(revoked.desk.package(revoked.matter))


def test_the_bundle_of_the_matter_has_the_appeal_and_holds(revoked: Revoked, bundle: Path) -> None:
    assert verified(bundle).counts.cases == 3
    states = {line["id"]: line for line in lines_of(bundle, "state.jsonl")}
    assert states[revoked.appeal.id]["ended"]
    assert states[revoked.origin.id]["ended"]
    assert states[revoked.appeal.id]["facts"]["appeal_result"] == "revoked"
    numbers = {line["number"] for line in lines_of(bundle, "register.jsonl")}
    assert {revoked.origin.number, revoked.appeal.number} <= numbers


def test_every_step_of_the_appeal_and_of_what_it_ended_is_replayed(bundle: Path) -> None:
    report = replay_bundle(bundle)
    assert report.is_right, report.problem
    assert Replayed.FOLLOWED not in report.records


def test_the_original_case_says_which_record_of_which_appeal_voided_it(
    revoked: Revoked, bundle: Path
) -> None:
    (voided,) = [
        line
        for line in lines_of(bundle, "records.jsonl")
        if line["trigger"]["name"] == "void_effects"
    ]
    assert voided["id"] == revoked.origin.id
    sender, seq = voided["trigger"]["ref"].split(":")
    payloads = {(line["id"], line["seq"]): line for line in lines_of(bundle, "payloads.jsonl")}
    assert sender == revoked.appeal.id
    assert payloads[sender, int(seq)]["payload"]["form"]


def test_nothing_of_the_appeal_is_in_a_bundle_without_persons(revoked: Revoked) -> None:
    path = revoked.desk.export(revoked.matter, levels=frozenset({"L1"}))
    assert verified(path).counts.cases == 1
    text = whole_text(read_bundle(path))
    hidden = (revoked.origin.id, revoked.appeal.id, revoked.appeal.number, "申诉")
    assert [word for word in hidden if word in text] == []


def test_the_package_lists_the_revoked_decision_by_its_appeal(
    revoked: Revoked, package: Opened
) -> None:
    (line,) = package.deviations("申诉后变更、撤销决定")
    assert line["案件编号"] == revoked.origin.number
    assert f"{revoked.appeal.number} 第 " in line["情况"]
    assert "复核结论：撤销" in line["情况"]
    assert package.places()[revoked.origin.number, int(line["记录序号"])] == line["叶号"]
    lifted = package.deviations("处理影响被解除")
    assert [each["记录序号"] for each in lifted] == [line["记录序号"]] * 3
    counted = {each["类别"]: each["条数"] for each in package.sheet("例外清单", "汇总")}
    assert counted["申诉后变更、撤销决定"] == 1


def test_a_package_of_the_case_alone_says_that_the_appeal_is_elsewhere(revoked: Revoked) -> None:
    alone = BundleScope(ScopeKind.CASES, (revoked.origin.id,))
    (line,) = opened(revoked.desk.package(alone)).deviations("申诉后变更、撤销决定")
    assert "不在本包内" in line["情况"]
    assert "复核结论" not in line["情况"]
