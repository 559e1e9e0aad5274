"""Installations whose sessions can sign, and exports made from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.casework import World
from tests.support.exports import ExportDesk
from tests.support.logs import log_world


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """A small world on each kind of database."""
    return log_world(engine, tmp_path)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> ExportDesk:
    """Where its exports are made."""
    return ExportDesk(world.sessions, tmp_path)
