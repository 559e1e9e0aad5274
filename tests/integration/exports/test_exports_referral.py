"""C07 in bundles: who is not cleared cannot tell from one whether anything was referred."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.exports.test_exports_levels import what_it_says
from tests.support.bundles import read_bundle
from tests.support.casework import World, make_world
from tests.support.databases import flush_sqlite, make_sqlite_template
from tests.support.exports import ExportDesk, lines_of, verified, whole_text
from tests.support.logs import log_marks
from tests.support.scenes import moment, play, script_of
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.domain.levels import LEVELS
from workflows.jobs.replaying import replay_bundle
from workflows.services.access import load_actor, scope_in
from workflows.store.connection import open_engine, session_factory
from workflows.store.scope import SystemScope, set_scope
from workflows.store.tables import Case

FOUND, OVER = "2026-03-17T09:30", "2026-06-25T09:00"
READER = "承办人"


@dataclass(frozen=True)
class Told:
    """C07 as it went, with its referral or without, and where its bundles are made."""

    world: World
    desk: ExportDesk
    cases: dict[str, str]

    def bundle(self, kind: str) -> Path:
        """Make a bundle for an officer of the organisation's case who knows of nothing else."""
        with self.desk.transaction() as session:
            case = session.get_one(Case, self.cases["main"])
            ids = {"organisation": case.subject_organisation_id, "matter": case.matter_id}
            scope = BundleScope(ScopeKind(kind), (ids.get(kind, case.id),))
            reader = self.world.cast.account(session, READER, self.world.now)
            actor = load_actor(session, reader, local_date(self.world.now))
            set_scope(session, scope_in(session, actor))
            seen = self.cases.get("referral", "") in scope_in(session, actor).case_ids
            set_scope(session, SystemScope("test"))
        assert not seen
        return self.desk.make(self.desk.ask(scope, frozenset({"L1"}), actor))


@contextmanager
def _opened(folder: Path, world: World | None = None) -> Iterator[World]:
    engine = open_engine(f"sqlite:///{folder / 'duban.sqlite3'}")
    sessions = session_factory(engine, log_marks(folder))
    if world is None:
        yield make_world(sessions, moment(script_of("c07")[0]["at"]))
    else:
        yield World(sessions, deepcopy(world.cast), world.now)
    engine.dispose()


@pytest.fixture(scope="module")
def c07(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, Told]]:
    """Play C07 up to the finding, and from there on once with its referral, once without.

    Each test makes as many bundles of both, so that their houses have as many records.
    """
    base = tmp_path_factory.mktemp("c07")
    start, steps = script_of("c07")
    file = make_sqlite_template(base / "duban.sqlite3")
    with _opened(base) as world:
        case_id = world.open_matter(**start["facts"])
        play(world, case_id, steps, FOUND)
    flush_sqlite(file)
    told: dict[bool, Told] = {}
    folders = {has: shutil.copytree(base, base / str(has)) for has in (False, True)}
    with _opened(folders[False], world) as without, _opened(folders[True], world) as with_it:
        for has, each in ((False, without), (True, with_it)):
            left_out = () if has else ("referral",)
            cases = play(each, case_id, list(steps), OVER, *left_out)
            told[has] = Told(each, ExportDesk(each.sessions, folders[has]), cases)
        yield told


@pytest.mark.parametrize("kind", ["organisation", "matter", "cases"])
def test_bundles_with_and_without_the_referral_differ_in_hashes_and_counts_alone(
    c07: dict[bool, Told], kind: str
) -> None:
    said = {}
    for has in (False, True):
        path = c07[has].bundle(kind)
        assert verified(path).manifest["sealed"] == []
        said[has] = what_it_says(path)
        text = whole_text(read_bundle(path))
        hidden = ("虚报", "支部书记", "-移1", "旗纪立", "封〔2026〕1号")
        assert [word for word in hidden if word in text] == []
    assert said[True] == said[False]


def test_its_own_bundle_holds_what_was_referred_and_is_replayed(c07: dict[bool, Told]) -> None:
    referral = c07[True].cases["referral"]
    for has, case_id in ((False, c07[False].cases["main"]), (True, referral)):
        path = c07[has].desk.export(BundleScope(ScopeKind.CASES, (case_id,)), frozenset(LEVELS))
    (state,) = (line for line in lines_of(path, "state.jsonl") if line["id"] == referral)
    assert (state["ended"], state["facts"]["referral_feedback"]) == (True, "filed")
    assert replay_bundle(path).is_right


def test_the_whole_house_holds_it_as_leaves_of_no_case(c07: dict[bool, Told]) -> None:
    told = c07[True]
    for has in (False, True):
        path = c07[has].desk.export(levels=frozenset({"L1", "L2"}))
    with told.desk.transaction() as session:
        version = session.get_one(Case, told.cases["referral"]).version
    assert [each["level"] for each in verified(path).manifest["sealed"]] == ["L2"] * version
    assert told.cases["referral"] not in whole_text(read_bundle(path))
