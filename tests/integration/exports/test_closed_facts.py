"""Facts that are committed to one by one: cases go their way as ever, and each can be withheld.

The rules are the shipped ones, with some facts of organisations' cases marked as person-level
in their forms, so that conditions, terms and anchors rest on closed values.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.bundles import json_lines, read_bundle
from tests.support.casework import Player, World, make_world
from tests.support.exports import CONTENT, ExportDesk, verified
from tests.support.logs import log_marks
from workflows.domain.closed_fields import is_closed
from workflows.engine.replay import Replayed
from workflows.jobs.rebuilding import check_projections, run_rebuild
from workflows.jobs.replaying import replay_bundle
from workflows.services.vault import read_payload, unseal
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import session_factory
from workflows.store.journal import read_stream
from workflows.store.tables import Case, CaseFact

INTERNAL = frozenset({"L1"})
CLOSED = frozenset(
    {
        "acceptance",
        "problem_weight",
        "entry_rung",
        "served_on",
        "plan_required",
        "plan_outcome",
        "initial_outcome",
        "acceptance_score",
        "review_outcome",
        "responsible_person",
    }
)


def closed_pack(folder: Path) -> Path:
    """Write the shipped pack with some facts marked as person-level and closed."""
    pack = shutil.copytree(shipped_pack_dir(), folder / "pack")
    facts = (pack / "facts.toml").read_text("utf-8")
    for name in CLOSED:
        section = re.compile(rf'(\n\[{name}\]\n(?:[^\[\n].*\n)*?level = )"L1"')
        facts = section.sub(r'\1"L2"', facts)
    (pack / "facts.toml").write_text(facts, "utf-8")
    for path in (pack / "forms").iterdir():
        form = json.loads(path.read_text("utf-8"))
        for each in form["components"]:
            if each.get("key") in CLOSED:
                each.setdefault("properties", {})["level"] = "L2"
        path.write_text(json.dumps(form, ensure_ascii=False), "utf-8")
    # A paper is as confidential as what stands in it.
    for path in (pack / "documents").iterdir():
        path.write_text(path.read_text("utf-8").replace('level = "L1"', 'level = "L2"'), "utf-8")
    return pack


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    sessions = session_factory(engine, log_marks(tmp_path))
    return make_world(sessions, pack_dir=closed_pack(tmp_path))


@pytest.fixture
def desk(world: World, tmp_path: Path) -> ExportDesk:
    return ExportDesk(world.sessions, tmp_path)


def live(world: World, seed: int, steps: int = 20) -> None:
    player = Player(world, random.Random(seed))
    for _ in range(2):
        world.open_rectification()
        for _ in range(steps):
            player.step()
    world.now += timedelta(days=1)


def payloads(world: World, *, as_kept: bool = False) -> list[dict[str, Any]]:
    """Read all payloads of cases, as they are committed to or as readers inside have them."""
    found = []
    with world.transaction() as session:
        for case_id in session.scalars(select(Case.id)):
            for row in read_stream(session, case_id):
                place = (row.key_id, case_id, row.seq, row.sealed)
                kept = json.loads(unseal(session, *place).content)
                found.append(kept if as_kept else read_payload(session, *place))
    return found


def records(path: Path) -> dict[str, str]:
    """Give the records of cases by id and seq."""
    lines = json_lines(read_bundle(path)["records.jsonl"])
    return {f"{each['id']} {each['seq']}": each for each in lines if each["id"][0] == "c"}


def test_cases_go_their_way_and_every_value_can_be_withheld(world: World, desk: ExportDesk) -> None:
    live(world, 1)
    assert world.differences() == []
    shown, withheld = desk.export(), desk.export(levels=INTERNAL)
    first, second = verified(shown), verified(withheld)
    assert first.counts.fields == 0
    assert second.counts.fields >= 6
    told, same = records(shown), records(withheld)
    assert len(same) >= 20
    assert same == {place: told[place] for place in same}
    lines = json_lines(read_bundle(withheld)["payloads.jsonl"])
    openings = [each for line in lines for each in line.get("openings", {}).values()]
    assert {each["reason"] for each in openings} == {"confidential"}
    for line in lines:
        for name, change in line["payload"]["facts"].items():
            if name in CLOSED:
                assert change["new"] is None or is_closed(change["new"])
    states = json_lines(read_bundle(withheld)["state.jsonl"])
    assert any({"acceptance", "served_on"} <= set(state["withheld"]) for state in states)
    for state in states:
        assert [name for name in CLOSED if state["facts"].get(name) is not None] == []


def test_a_step_that_rests_on_a_withheld_value_is_followed(world: World, desk: ExportDesk) -> None:
    live(world, 3, 12)
    whole = replay_bundle(desk.export())
    assert whole.is_right, whole.problem
    assert Replayed.FOLLOWED not in whole.records
    report = replay_bundle(desk.export(levels=INTERNAL))
    assert report.is_right, report.problem
    assert report.records[Replayed.FOLLOWED] >= 2
    assert report.records[Replayed.EVALUATED] >= 2


def test_kept_payloads_hold_no_closed_value_and_readers_inside_see_them(world: World) -> None:
    world.open_rectification()
    kept = payloads(world, as_kept=True)
    values = [each["form"]["acceptance"] for each in kept if "acceptance" in each["form"]]
    assert values
    assert all(map(is_closed, values))
    read = payloads(world)
    assert "accept" in [each["form"].get("acceptance") for each in read]
    assert not any(is_closed(value) for each in read for value in each["form"].values())


def test_lost_rows_come_back_with_their_closed_values(world: World) -> None:
    case_id = world.open_rectification()
    with world.transaction() as session:
        facts = session.scalars(select(CaseFact).where(CaseFact.case_id == case_id)).all()
        before = {each.name: each.value for each in facts}
        for each in facts:
            session.delete(each)
    run_rebuild(world.sessions)
    report = check_projections(world.sessions)
    assert (report.different, report.broken) == ((), ())
    with world.transaction() as session:
        facts = session.scalars(select(CaseFact).where(CaseFact.case_id == case_id)).all()
        assert {each.name: each.value for each in facts} == before
    assert before["acceptance"] == '"accept"'


def test_content_of_persons_shows_the_values_with_their_openings(
    desk: ExportDesk, world: World
) -> None:
    world.open_rectification()
    path = desk.export(levels=CONTENT)
    verified(path)
    lines = json_lines(read_bundle(path)["payloads.jsonl"])
    told = [each for line in lines for each in line.get("openings", {}).values()]
    assert {"salt", "value"} == {key for each in told for key in each}
    assert "accept" in [each["value"] for each in told]
