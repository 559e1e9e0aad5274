"""Packs as cases run on them, loaded once and kept by their hash."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.canonical import sha256_hex
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.roles import Actor
from workflows.engine import Definition, Pack, build_pack, load_pack
from workflows.services.journal import append_house
from workflows.store.tables import PackContent, PackFile, PackVersion

_loaded: dict[str, Pack] = {}
_lock = Lock()


class PackMissing(DubanError):
    """No rule pack {hash} is installed here."""

    code: ClassVar[str] = "pack_missing"


def pack_of(session: Session, pack_hash: str) -> Pack:
    """Give an installed pack.

    Raises:
        PackMissing: There is none of that hash.
    """
    known = _loaded.get(pack_hash)
    if known is not None:
        return known
    files = pack_files(session, (pack_hash,)).get(pack_hash)
    if files is None:
        raise PackMissing(hash=pack_hash)
    return remember(_load(pack_hash, files))


def pack_files(session: Session, hashes: Collection[str]) -> dict[str, dict[str, bytes]]:
    """Read the files of packs by hash and path."""
    statement = (
        select(PackFile.pack_hash, PackFile.path, PackContent.content)
        .join(PackContent, PackContent.sha256 == PackFile.sha256)
        .where(PackFile.pack_hash.in_(hashes))
    )
    found: dict[str, dict[str, bytes]] = {}
    for pack_hash, path, content in session.execute(statement):
        found.setdefault(pack_hash, {})[path] = content
    return found


def keep_pack_files(session: Session, pack: Pack) -> None:
    """Write the files of a version, each content once for all versions.

    A version that was taken back and is put forward again has its files already.
    """
    has_files = select(PackFile.path).where(PackFile.pack_hash == pack.hash).limit(1)
    if session.scalar(has_files) is not None:
        return
    contents = {sha256_hex(content): content for content in pack.files.values()}
    known = select(PackContent.sha256).where(PackContent.sha256.in_(contents))
    for sha256 in contents.keys() - set(session.scalars(known)):
        session.add(PackContent(sha256=sha256, content=contents[sha256]))
    session.flush()
    session.add_all(
        PackFile(pack_hash=pack.hash, path=path, sha256=sha256_hex(content))
        for path, content in pack.files.items()
    )
    session.flush()


def remember(pack: Pack) -> Pack:
    """Keep a loaded pack for the life of the process."""
    with _lock:
        return _loaded.setdefault(pack.hash, pack)


def _load(pack_hash: str, files: Mapping[str, bytes]) -> Pack:
    """Build a pack that was checked before it came here.

    A linter that has become stricter since stops no case that runs on it.
    """
    pack = build_pack(files)
    if pack.hash != pack_hash:
        raise PackMissing(hash=pack_hash)
    return pack


def current_pack(session: Session, today: date) -> Pack:
    """Give the pack that new cases of a day run on.

    Raises:
        PackMissing: None is in force.
    """
    pack = pack_in_force(session, today)
    if pack is None:
        raise PackMissing(hash="")
    return pack


def pack_in_force(session: Session, today: date) -> Pack | None:
    """Give the pack that new cases of a day run on, if there is one."""
    version = version_in_force(session, today)
    return None if version is None else pack_of(session, version.hash)


def version_in_force(session: Session, today: date | None = None) -> PackVersion | None:
    """Give the newest version whose day has come; without a day the newest of all."""
    statement = select(PackVersion).where(PackVersion.in_force_on.is_not(None))
    if today is not None:
        statement = statement.where(PackVersion.in_force_on <= today)
    newest = statement.order_by(PackVersion.decided_seq.desc()).limit(1)
    return session.execute(newest).scalar_one_or_none()


def definition_of(session: Session, pack_hash: str, process_id: str) -> Definition:
    """Give one process of an installed pack."""
    return pack_of(session, pack_hash).processes[process_id]


def install_shipped_pack(session: Session, actor: Actor, now: datetime, folder: Path) -> Pack:
    """Install the pack that ships with the product: shipped, not approved here."""
    pack = remember(load_pack(folder))
    seq = append_house(
        session, actor, now, "pack_installed", pack.hash, reason="shipped, not approved here"
    )
    session.add(
        PackVersion(
            hash=pack.hash,
            pack_id=pack.id,
            title=pack.title("zh"),
            label=pack.version_label,
            state="shipped",
            submitted_at=now,
            submitted_by=actor.account_id,
            decided_at=now,
            decided_seq=seq,
            in_force_on=local_date(now),
        )
    )
    session.flush()
    keep_pack_files(session, pack)
    return pack


def lanes_in_use(session: Session) -> frozenset[str]:
    """Give the roles that lanes of the installed packs ask for, as their tasks carry them."""
    hashes = session.scalars(select(PackVersion.hash)).all()
    return frozenset().union(*(_lanes_of(pack_of(session, pack_hash)) for pack_hash in hashes))


@lru_cache(maxsize=64)
def _lanes_of(pack: Pack) -> frozenset[str]:
    return frozenset(
        " ".join(element.lane.roles)
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
        if element.lane
    )


@lru_cache(maxsize=4096)
def split_definition(definition: str) -> tuple[str, str]:
    """Split ``<pack hash>/<process id>``."""
    pack_hash, _, process_id = definition.partition("/")
    return pack_hash, process_id
