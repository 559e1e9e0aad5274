"""The record of an export: written before a byte leaves, and all that making it again needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical
from workflows.domain.errors import NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.exports.people import Stated
from workflows.services.exports.selection import Plan, Stretch
from workflows.services.installation import installation_of
from workflows.services.journal import append_house
from workflows.services.log.notary import signing_key_of
from workflows.services.vault import read_payload
from workflows.store.journal import read_record
from workflows.store.logged import sizes_outside
from workflows.store.tables import BundleJob

EXPORTED = "exported"


def levels_of_job(job: BundleJob) -> frozenset[str]:
    """Give the levels of content that were asked for."""
    return frozenset(job.levels.split())


def described(job: BundleJob) -> Mapping[str, JsonValue]:
    """Say of an export what its house records say."""
    return {
        "scope": dict(job.scope),
        "recipient": job.recipient,
        "purpose": job.purpose,
        "levels": tuple(sorted(levels_of_job(job))),
    }


class NothingToExport(NotFound):
    """There is no record to export."""

    code: ClassVar[str] = "nothing_to_export"


@dataclass(frozen=True, slots=True)
class Exported:
    """An export as its house record tells it."""

    seq: int
    recorded_at: datetime
    plan: Plan
    recipient: str
    purpose: str
    app_version: str
    heads_hash: str
    records: int
    fingerprint: str
    proven_sizes: tuple[int, ...]
    package: Mapping[str, Any] | None


class Heads:
    """The heads of streams as one hash, taken in order of their ids without keeping them.

    It is the hash of the manifest's ``streams``.
    """

    def __init__(self) -> None:
        self._digest = sha256(b"{")
        self.streams = 0
        self.records = 0

    def add(self, stretch: Stretch) -> None:
        """Take the next stream."""
        line = canonical({"head": stretch.head, "last": stretch.last})
        self._digest.update(b"," * bool(self.streams) + b'"%s":' % stretch.id.encode() + line)
        self.streams += 1
        self.records += stretch.count

    def hexdigest(self) -> str:
        """Give the hash."""
        whole = self._digest.copy()
        whole.update(b"}")
        return whole.hexdigest()


def record_export(
    session: Session,
    actor: Actor,
    now: datetime,
    job: BundleJob,
    plan: Plan,
    heads: Heads,
    app_version: str,
    package: Mapping[str, Any] | None = None,
) -> int:
    """Write the house record of an export, and keep its seq with the job."""
    digest = heads.hexdigest()
    form: dict[str, JsonValue] = {
        **described(job),
        "plan": plan.to_json(),
        "heads": digest,
        "streams": heads.streams,
        "records": heads.records,
        "tree_size": plan.tree_size,
        "app_version": app_version,
        "key": signing_key_of(session).note_key.fingerprint,
        # Which copies outside there were then: the same bytes again must not know of later ones.
        "proven_sizes": tuple(sizes_outside(session, plan.tree_size)),
    }
    if package is not None:
        form["package"] = package
    job.export_seq = append_house(session, actor, now, EXPORTED, digest, form=form)
    session.flush()
    return job.export_seq


def read_export(session: Session, seq: int) -> Exported:
    """Read an export back from its house record."""
    house_id = installation_of(session).house_id
    row = read_record(session, house_id, seq)
    form = read_payload(session, row.key_id, house_id, seq, row.sealed)["form"]
    record = json.loads(row.body)
    return Exported(
        seq,
        row.recorded_at,
        Plan.from_json(form["plan"], house_id, record["actor"]),
        form["recipient"],
        form["purpose"],
        form["app_version"],
        form["heads"],
        form["records"],
        form["key"],
        tuple(form["proven_sizes"]),
        form.get("package"),
    )


def read_stated(session: Session, plan: Plan) -> Stated:
    """Read the names of a bundle back from their house record."""
    row = read_record(session, plan.house_id, plan.directory_seq)
    payload = read_payload(session, row.key_id, plan.house_id, plan.directory_seq, row.sealed)
    form: Mapping[str, Any] = payload["form"]
    return Stated(tuple(form["directory"]), tuple(form["grants"]), tuple(form["organisations"]))
