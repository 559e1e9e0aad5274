"""Versions of the shipped pack that running cases may go to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.casework import START
from tests.support.packs import shipped_files
from workflows.domain.clocks import local_date
from workflows.engine import Pack, build_pack
from workflows.services.packs import keep_pack_files, remember
from workflows.store.tables import PackVersion
from workflows.store.transaction import Session


def version_of(files: Mapping[str, bytes]) -> Pack:
    """Build a pack, with findings or without."""
    return remember(build_pack(files))


def with_renamed_node(file: str, old: str, new: str) -> dict[str, bytes]:
    """Give the files of the shipped pack with another id for a node of a diagram."""
    files = shipped_files()
    text = files[file].decode()
    refers = "id|attachedToRef|sourceRef|targetRef|bpmnElement|duban:dueOf"
    text = re.sub(rf'\b({refers})="{old}"', rf'\1="{new}"', text)
    text = text.replace(f"flowNodeRef>{old}<", f"flowNodeRef>{new}<")
    return {**files, file: text.encode()}


def approved(session: Session, pack: Pack) -> str:
    """Keep a version as approved beside the one in force; give its hash."""
    row = PackVersion(
        hash=pack.hash,
        pack_id=pack.id,
        title=pack.title(),
        label="2",
        state="approved",
        submitted_at=START,
        submitted_by="system:init",
        decided_at=START,
        decided_by="u_somebody",
        decided_seq=0,
        in_force_on=local_date(START),
    )
    session.add(row)
    session.flush()
    keep_pack_files(session, pack)
    return pack.hash
