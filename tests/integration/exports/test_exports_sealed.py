"""What bundles hold of a sealed case (L3): leaves like those of a person's case, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.integration.exports.test_exports_levels import House, case_scope, opened_house
from tests.support.bundles import read_bundle
from tests.support.databases import copy_sqlite
from tests.support.exports import CONTENT, EVERYTHING, verified, whole_text
from tests.support.played import play_world
from tests.support.sealed import open_sealed
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.levels import LEVELS
from workflows.services.exports.permits import LevelNotExported, LevelTooLow
from workflows.services.reports.case_files import file_order
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.store.tables import Case


@pytest.fixture(scope="module")
def kept(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, str]]:
    folder = tmp_path_factory.mktemp("played")
    world = play_world(folder, copy_sqlite(sqlite_template, folder / "duban.sqlite3"))
    with opened_house((folder, world), tmp_path_factory.mktemp("sealed")) as house:
        with house.desk.transaction() as session:
            sealed = open_sealed(session, world.organisation_case)
        house.act("chengban", keep_looks, (Glance(Looked.CASE, sealed),))
        yield house, sealed


@pytest.mark.parametrize("levels", [frozenset(), CONTENT])
def test_whole_bundles_hold_it_as_leaves_that_tell_not_what_they_are(
    kept: tuple[House, str], levels: frozenset[str]
) -> None:
    house, sealed = kept
    path = house.desk.export(EVERYTHING, levels)
    verdict = verified(path)
    with house.desk.transaction() as session:
        hidden = session.scalars(select(Case.version).where(Case.level.not_in({"L1", *levels})))
        assert len(verdict.manifest["sealed"]) == sum(hidden)
    assert {entry["level"] for entry in verdict.manifest["sealed"]} == {"L2"}
    text = whole_text(read_bundle(path))
    assert sealed not in text
    assert "-移" not in text


def test_nobody_takes_it_out_but_the_command_and_by_itself(kept: tuple[House, str]) -> None:
    house, sealed = kept
    with pytest.raises(LevelNotExported):
        house.ask("chengban", case_scope(sealed), CONTENT)
    for scope in (EVERYTHING, BundleScope(ScopeKind.MATTER, (house.world.matter,))):
        with pytest.raises(LevelNotExported):
            house.desk.ask(scope, frozenset(LEVELS))
    with pytest.raises(LevelTooLow):
        house.desk.ask(case_scope(sealed), CONTENT)
    path = house.desk.export(case_scope(sealed), frozenset(LEVELS))
    assert set(verified(path).manifest["streams"]) >= {sealed}


def test_its_file_is_not_made(kept: tuple[House, str]) -> None:
    house, sealed = kept
    with house.desk.transaction() as session:
        actor = house.actor(session, "chengban")
        with pytest.raises(LevelNotExported):
            file_order(session, actor, session.get_one(Case, sealed), "用途")


def test_only_who_works_on_it_sees_it(kept: tuple[House, str]) -> None:
    house, sealed = kept
    seen = set()
    for username in ("chengban", "buzhang", "here-R06", "here-R03", "shenji", "concerned"):
        with house.desk.transaction() as session:
            house.actor(session, username)
            if session.scalars(select(Case.id).where(Case.id == sealed)).first():
                seen.add(username)
    assert seen == {"chengban"}
