"""Making the demo: an installation, its made-up world, and a year played in it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from workflows.audit.checkpoint_files import FOLDER
from workflows.audit.commitment import load_or_create_master_key
from workflows.domain.demo_stories import YEAR_DAYS
from workflows.domain.demo_world import TITLE
from workflows.domain.errors import Conflict
from workflows.jobs.demo_play import play_demo
from workflows.services.demo.concerned import let_concerned_in, let_secretary_in
from workflows.services.demo.world import build_world
from workflows.services.installation import init_installation, installation_of
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import session_factory
from workflows.store.opening import database_file, is_new, make_database, open_installation
from workflows.store.pouring import pour
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

_BEFORE = timedelta(days=10)
_PARTS = ("", "-wal", "-shm")


class NoDemo(Conflict):
    """The database holds the installation “{title}”, which is no demo: give another one."""

    code: ClassVar[str] = "no_demo"


@dataclass(frozen=True, slots=True)
class DemoMade:
    """What is in a new demo, and the one password of its accounts."""

    matters: int
    cases: int
    password: str


def make_demo(
    url: str,
    instance: Path,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> DemoMade:
    """Make a demo, in the place of an earlier one; an SQLite file appears when it is whole.

    What lay outside the database of an earlier demo's log goes with it.

    Raises:
        NoDemo: Another installation lives there.
    """
    vault = Vault(load_or_create_master_key(instance / "master.key"))
    refuse_other_installation(url)
    forget_demo_checkpoints(instance)
    file = database_file(url)
    if file is None:
        if not is_new(url):
            raise NoDemo(title=TITLE)
        return _make(url, vault, now, progress)
    building = file.with_name(f"{file.name}.building")
    _remove(building)
    made = _make(f"sqlite:///{building}", vault, now, progress, is_scratch=True)
    _write_through(building)
    _remove(file)
    building.replace(file)
    return made


def reset_demo(url: str, instance: Path, now: datetime) -> DemoMade:
    """Begin a demo anew while it is served; whoever has it open goes on in the new one.

    Raises:
        NoDemo: It is another installation, or no SQLite file.
        StorageFailed: The file could not be written.
    """
    refuse_other_installation(url)
    file = database_file(url)
    if file is None or is_new(url):
        raise NoDemo(title=TITLE)
    vault = Vault(load_or_create_master_key(instance / "master.key"))
    building = file.with_name(f"{file.name}.building")
    _remove(building)
    try:
        made = _make(f"sqlite:///{building}", vault, now, None, is_scratch=True)
        pour(building, file)
    finally:
        _remove(building)
    forget_demo_checkpoints(instance)
    return made


def _write_through(file: Path) -> None:
    """Wait until the disk has a file."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _make(
    url: str,
    vault: Vault,
    now: datetime,
    progress: Callable[[int, int], None] | None,
    *,
    is_scratch: bool = False,
) -> DemoMade:
    begun = now - timedelta(days=YEAR_DAYS) - _BEFORE
    password = secrets.token_urlsafe(9)
    with _opened(url, vault, is_scratch=is_scratch) as sessions:
        with transaction(sessions, SystemScope("init")) as session:
            init_installation(session, begun, "demo", TITLE, shipped_pack_dir())
            build_world(session, begun, password)
        played = play_demo(sessions, now, progress)
        with transaction(sessions, SystemScope("demo")) as session:
            let_concerned_in(session, now, password)
            let_secretary_in(session, now, password)
    return DemoMade(played.matters, played.cases, password)


@contextmanager
def _opened(url: str, vault: Vault, *, is_scratch: bool) -> Iterator[Sessions]:
    engine = make_database(url, is_scratch=is_scratch)
    try:
        yield session_factory(engine, vault.session_marks())
    finally:
        engine.dispose()


def refuse_other_installation(url: str) -> None:
    """Make sure that an address holds a demo or nothing.

    Raises:
        NoDemo: Another installation lives there.
    """
    if is_new(url):
        return
    engine = open_installation(url)
    try:
        with transaction(session_factory(engine), SystemScope("init")) as session:
            found = installation_of(session)
            if found.mode != "demo":
                raise NoDemo(title=found.title)
    finally:
        engine.dispose()


def forget_demo_checkpoints(instance: Path) -> None:
    """Remove the checkpoint files of a demo; those of any other installation stay."""
    for note in (instance / FOLDER).glob("*.note"):
        if note.read_bytes().partition(b"\n")[0].removesuffix(b" SM3").endswith(b" (demo)"):
            note.unlink()


def _remove(file: Path) -> None:
    for part in _PARTS:
        file.with_name(file.name + part).unlink(missing_ok=True)
