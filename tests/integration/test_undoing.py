"""Taking back within a minute: the rows, the fold, the replay and the bundle agree on it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.backtests import assert_reproduced
from tests.support.casework import World, memory_world
from tests.support.exports import ExportDesk
from tests.support.filled import SERVED, VERIFIED
from tests.support.logs import sqlite_log_world
from tests.support.small_office import actor_in
from workflows.audit.process_log import Transition, events_of
from workflows.domain.errors import NotFound
from workflows.engine.replay import Replayed
from workflows.jobs.replaying import replay_bundle
from workflows.services.access import SYSTEM
from workflows.services.corrections.correcting import correctable
from workflows.services.corrections.corrigible import NothingToCorrect
from workflows.services.desk.comments import comment
from workflows.services.desk.drafts import draft_of
from workflows.services.desk.undoing import (
    UndoImpossible,
    UndoNotLast,
    UndoOfAnother,
    UndoTooLate,
    undo,
    undoable,
)
from workflows.services.reports.log_cases import Reader, Wanted, read_cases
from workflows.store.tables import Case, CaseFact, Clock, Task

SOON = timedelta(seconds=30)
# What a record changes of a case's row, whatever it says.
_HEAD = {"version", "head", "head_at", "last_acted_at"}


@pytest.fixture
def world() -> World:
    return memory_world()


def _undo(world: World, case_id: str, by: str, seq: int | None = None) -> None:
    with world.transaction() as session:
        at = seq or session.get_one(Case, case_id).version
        undo(session, actor_in(session, world, by), world.now, case_id, at)


def _rows(world: World, case_id: str) -> Any:
    """Give all rows of a case but what counts its records."""
    with world.transaction() as session:
        found: list[Any] = []
        for entity in (Case, Task, Clock, CaseFact):
            key = entity.id if entity is Case else entity.case_id
            for row in session.scalars(select(entity).where(key == case_id)):
                values = {each.name: getattr(row, each.name) for each in row.__table__.columns}
                found.append({n: v for n, v in values.items() if n not in _HEAD | {"id"}})
        return sorted(found, key=repr)


def test_an_act_taken_back_leaves_the_case_as_it_was_and_can_be_done_again(world: World) -> None:
    case_id = world.open_matter()
    before = _rows(world, case_id)
    world.complete(case_id, "accept", "承办", acceptance="accept")
    assert _rows(world, case_id) != before
    world.now += SOON
    with world.transaction() as session:
        assert undoable(session, actor_in(session, world, "承办"), world.now, case_id)
    _undo(world, case_id, "承办")
    assert _rows(world, case_id) == before
    assert world.differences() == []
    with world.transaction() as session:
        draft = draft_of(session, world.cast.accounts["承办"], case_id, "accept#1")
    assert draft is not None
    assert draft[0]["acceptance"] == "accept"
    # The way goes on with the same numbers, and a later act is taken back as well.
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    world.complete(case_id, "verify", "核实乙")
    stood = _rows(world, case_id)
    world.complete(case_id, "notice", "承办", **SERVED)
    with world.transaction() as session:
        assert session.scalars(select(Clock).where(Clock.state == "running")).all()
    _undo(world, case_id, "承办")
    assert _rows(world, case_id) == stood
    world.complete(case_id, "notice", "承办", **SERVED)
    assert world.differences() == []
    assert_reproduced(world)
    with world.transaction() as session:
        (case,) = read_cases(session, Reader(SYSTEM["init"], frozenset({"L1"})), Wanted(), "zh")
        done = [each for each in events_of(case) if each.transition is Transition.COMPLETE]
    told = [each.activity for each in done]
    assert (told.count("accept"), told.count("notice")) == (1, 1)


def test_what_another_did_or_is_too_old_or_followed_or_signed_by_two_stays(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    with pytest.raises(UndoImpossible):
        _undo(world, case_id, "核实甲")  # a first signature
    with pytest.raises(UndoOfAnother):
        _undo(world, case_id, "承办")
    with pytest.raises(UndoNotLast):
        _undo(world, case_id, "承办", seq=2)
    world.complete(case_id, "verify", "核实乙")
    with pytest.raises(UndoImpossible):
        _undo(world, case_id, "核实乙")
    world.complete(case_id, "notice", "承办", **SERVED)
    world.now += timedelta(seconds=61)
    with pytest.raises(UndoTooLate):
        _undo(world, case_id, "承办")
    assert world.differences() == []


def test_after_something_was_taken_back_a_correction_finds_its_own_record(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="unfounded", reason="误选")
    with world.transaction() as session:
        taken_back = session.get_one(Case, case_id).version
    _undo(world, case_id, "承办")
    world.complete(case_id, "accept", "承办", acceptance="accept")
    with world.transaction() as session:
        seq = session.get_one(Case, case_id).version
        actor = actor_in(session, world, "承办")
        found = correctable(session, actor, world.now, case_id, seq)
        assert (found.about.entry.seq, dict(found.values)) == (seq, {"acceptance": "accept"})
        with pytest.raises(NothingToCorrect):
            correctable(session, actor, world.now, case_id, taken_back)
        with pytest.raises(NotFound):
            correctable(session, actor, world.now, case_id, seq + 1)


def test_a_comment_is_recorded_moves_nothing_and_is_taken_back(world: World) -> None:
    case_id = world.open_matter()
    before = _rows(world, case_id)
    world.complete(case_id, "accept", "承办", acceptance="accept")
    _undo(world, case_id, "承办")
    with world.transaction() as session:
        comment(session, actor_in(session, world, "承办"), world.now, case_id, "已与村里通话")
    assert _rows(world, case_id) == before
    world.now += SOON
    _undo(world, case_id, "承办")
    assert _rows(world, case_id) == before
    assert world.differences() == []


def test_a_bundle_with_something_taken_back_verifies_and_replays(tmp_path: Path) -> None:
    with sqlite_log_world(tmp_path) as world:
        case_id = world.open_matter()
        world.complete(case_id, "accept", "承办", acceptance="accept")
        _undo(world, case_id, "承办")
        world.complete(case_id, "accept", "承办", acceptance="accept")
        bundle = ExportDesk(world.sessions, tmp_path).export()
    report = replay_bundle(bundle)
    assert report.is_right, report
    assert report.records[Replayed.FOLDED] == 1
