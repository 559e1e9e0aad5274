"""A review package (巡察审计包): a bundle with what a team without Python reads beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self, TypeAlias

from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope
from workflows.domain.roles import Actor
from workflows.domain.sampling import Draw
from workflows.services.exports.recording import Exported
from workflows.services.installation import installation_of
from workflows.store.tables import Account, BundleJob


@dataclass(frozen=True, slots=True)
class PackageWish:
    """That a package is wanted, and what the recipient wants drawn, where he said so."""

    draw: Draw | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it for its job."""
        return {"draw": None if self.draw is None else [self.draw.seed, self.draw.count]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(Draw(*value["draw"]) if value["draw"] else None)


@dataclass(frozen=True, slots=True)
class PackageOrder:
    """What a package says of itself; all of it stands in the record of its export.

    ``by`` and ``agreed_by`` are names, the latter empty where nobody had to agree.
    """

    house_seq: int
    made_at: datetime
    title: str
    is_made_up: bool
    scope: BundleScope
    levels: frozenset[str]
    recipient: str
    purpose: str
    by: str
    agreed_by: str
    draw: Draw | None

    @property
    def from_on(self) -> date | None:
        """Give the first day of the period that was asked for."""
        return self.scope.from_on

    @property
    def to_on(self) -> date | None:
        """Give the last day of the period that was asked for."""
        return self.scope.to_on


# Writes a package: what it says of itself, the bundle, an empty folder to work in, the file to
# make, and whom to tell how many records were taken up.
PackageWriter: TypeAlias = Callable[[PackageOrder, Path, Path, Path, Callable[[int], None]], None]


def package_form(session: Session, actor: Actor, job: BundleJob) -> dict[str, Any] | None:
    """Give what the record of an export says of its package; None where it is a bundle alone.

    The names stand in the record: whoever is called otherwise later, the file stays the same.
    """
    if job.package is None:
        return None
    agreed = session.get(Account, job.decided_by) if job.decided_by else None
    return {
        **job.package,
        "by": "系统命令" if actor.is_job else actor.display_name,
        "agreed_by": agreed.display_name if agreed else "",
    }


def package_order(session: Session, exported: Exported) -> PackageOrder | None:
    """Read back what a package says of itself; None where the export is a bundle alone."""
    form = exported.package
    if form is None:
        return None
    installation = installation_of(session)
    return PackageOrder(
        house_seq=exported.seq,
        made_at=exported.recorded_at,
        title=installation.title,
        is_made_up=installation.mode != "production",
        scope=exported.plan.scope,
        levels=exported.plan.reach.levels,
        recipient=exported.recipient,
        purpose=exported.purpose,
        by=str(form["by"]),
        agreed_by=str(form["agreed_by"]),
        draw=PackageWish.from_json(form).draw,
    )
