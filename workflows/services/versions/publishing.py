"""Publishing a pack: one person puts a version forward, another decides on it (DESIGN 4.5).

Whoever keeps the rules (the legality reviewer or the security administrator) puts a version
forward with what was found out about it; a principal approves or refuses it. A version that was
approved is what new cases start on from its day; cases that run stay on theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor, Role
from workflows.engine import Finding, Pack
from workflows.services.access import SYSTEM, is_same_person, role_deciding
from workflows.services.journal import append_house
from workflows.services.packs import keep_pack_files, version_in_force
from workflows.services.versions.looking_over import Prepared
from workflows.services.versions.pack_reports import (
    REQUIRED,
    Report,
    ReportKind,
    attach_missing,
    digest,
    is_stale,
    latest_reports,
)
from workflows.services.versions.version_errors import (
    BaseMoved,
    DateTooEarly,
    LabelTaken,
    NoteMissing,
    NotSubmitter,
    NotWaiting,
    OwnVersion,
    PackUnsound,
    ReportsStale,
    ReportsUnseen,
    StillChecking,
    VersionThere,
)
from workflows.store.tables import Installation, PackReport, PackVersion

SUBMITTERS = (Role.REVIEWER, Role.SECURITY_ADMIN)
APPROVERS = (Role.PRINCIPAL,)
LONGEST_NOTE = 2_000
CHECKER = "packs"


def submit(
    session: Session,
    actor: Actor,
    now: datetime,
    prepared: Prepared,
    *,
    note: str,
    wanted_on: date | None = None,
) -> PackVersion:
    """Put a version forward, with its reports; what was taken back may be put forward again.

    A version that was checked already waits for its approver at once, any other for the check.

    Raises:
        RoleMissing: The actor does not keep the rules.
        PackUnsound: The check found something broken.
        NoteMissing, DateTooEarly, LabelTaken: Something given cannot be taken.
        VersionThere: These files are here already.
        BaseMoved: Another version was approved meanwhile.
    """
    role = role_deciding(actor, SUBMITTERS)
    broken = prepared.broken
    if broken:
        raise PackUnsound(count=len(broken), first=broken[0]["message"]["en"])
    _lock(session)
    base = version_in_force(session)
    _refuse_early(wanted_on, base, now)
    _refuse_moved(prepared.pack.version_label, prepared.base_hash, base)
    version = _put_forward(session, prepared.pack)
    version.base_hash, version.wanted_on = prepared.base_hash, wanted_on
    version.state = "checking" if broken is None else "waiting"
    version.note, version.reason = given_note(note), ""
    version.submitted_at, version.submitted_by = now, actor.account_id
    version.decided_at = version.decided_by = version.decided_seq = None
    session.flush()
    keep_pack_files(session, prepared.pack)
    form = {
        "label": version.label,
        "base": version.base_hash,
        "wanted_on": wanted_on.isoformat() if wanted_on else None,
        "role": role,
    }
    append_house(session, actor, now, "pack_submitted", version.hash, form=form, reason=note)
    attach_missing(session, actor, now, version.hash, prepared.reports)
    return version


def ask_check(session: Session, actor: Actor, now: datetime, pack_hash: str) -> PackVersion:
    """Have a waiting version looked over again, with today's engine and newest version.

    Raises:
        RoleMissing: The actor neither keeps nor approves the rules.
        NotWaiting, StillChecking: It was decided on, or is being checked.
    """
    role_deciding(actor, (*SUBMITTERS, *APPROVERS))
    version = _waiting(session, pack_hash)
    version.state = "checking"
    append_house(session, actor, now, "pack_check_asked", version.hash)
    return version


def unchecked(session: Session) -> Sequence[str]:
    """Give the versions that wait for their check, the first that came first."""
    statement = select(PackVersion.hash).where(PackVersion.state == "checking")
    return session.scalars(statement.order_by(PackVersion.submitted_at)).all()


def finish_check(session: Session, now: datetime, prepared: Prepared) -> PackVersion:
    """Attach what the check found: the version waits for its approver, or goes no further.

    Raises:
        NotWaiting: Somebody took it back, or another process was faster.
        BaseMoved: Another version was approved meanwhile: check it again.
    """
    version = _in_state(session, prepared.pack.hash, "checking")
    _refuse_moved(version.label, prepared.base_hash, version_in_force(session))
    version.base_hash = prepared.base_hash
    attach_missing(session, SYSTEM[CHECKER], now, version.hash, prepared.reports)
    if prepared.broken:
        return _decide(session, SYSTEM[CHECKER], now, version, "failed", "")
    version.state = "waiting"
    session.flush()
    return version


def fail_check(
    session: Session, now: datetime, pack_hash: str, findings: Iterable[Finding]
) -> PackVersion:
    """Let a version go no further that today's linter refuses.

    Raises:
        NotWaiting: Somebody took it back, or another process was faster.
    """
    version = _in_state(session, pack_hash, "checking")
    found = Report(ReportKind.LINT, {"findings": [each.to_json() for each in findings]})
    attach_missing(session, SYSTEM[CHECKER], now, pack_hash, (found,))
    return _decide(session, SYSTEM[CHECKER], now, version, "failed", "")


def withdraw(
    session: Session, actor: Actor, now: datetime, pack_hash: str, reason: str
) -> PackVersion:
    """Take a waiting version back.

    Raises:
        NotWaiting: It was decided on.
        NotSubmitter: Somebody else put it forward.
    """
    version = _in_state(session, pack_hash, "waiting", "checking")
    if version.submitted_by != actor.account_id:
        raise NotSubmitter(label=version.label)
    return _decide(session, actor, now, version, "withdrawn", given_note(reason))


def refuse(
    session: Session, actor: Actor, now: datetime, pack_hash: str, reason: str
) -> PackVersion:
    """Refuse a waiting version, with a reason.

    Raises:
        RoleMissing, OwnVersion: The actor may not decide on it.
        NotWaiting: It was decided on.
    """
    role_deciding(actor, APPROVERS)
    version = _waiting(session, pack_hash)
    _refuse_oneself(session, actor, version)
    return _decide(session, actor, now, version, "refused", given_note(reason))


def approve(
    session: Session, actor: Actor, now: datetime, pack_hash: str, *, seen: str
) -> PackVersion:
    """Approve a waiting version: new cases start on it from its day.

    ``seen`` is the `digest` of the reports that the approver was shown.

    Raises:
        RoleMissing, OwnVersion: The actor may not decide on it.
        NotWaiting: It was decided on.
        BaseMoved, ReportsStale, ReportsUnseen: It was not looked over as it stands.
    """
    role_deciding(actor, APPROVERS)
    version = _waiting(session, pack_hash)
    _refuse_oneself(session, actor, version)
    base = version_in_force(session)
    _refuse_moved(version.label, version.base_hash, base)
    reports = latest_reports(session, pack_hash)
    if is_outdated(version, reports):
        raise ReportsStale(label=version.label)
    if digest(reports) != seen:
        raise ReportsUnseen(label=version.label)
    earliest = _earliest(base, now)
    version.in_force_on = max(version.wanted_on or earliest, earliest)
    return _decide(session, actor, now, version, "approved", "", reports=seen)


def is_outdated(version: PackVersion, reports: Mapping[ReportKind, PackReport]) -> bool:
    """Say whether a version must be checked again before anybody can approve it."""
    needed = set(REQUIRED) - (set() if version.base_hash else {ReportKind.DIFFERENCE})
    return any(kind not in reports or is_stale(reports[kind]) for kind in needed)


def needs_check(
    session: Session, version: PackVersion, reports: Mapping[ReportKind, PackReport]
) -> bool:
    """Say whether reports are outdated, or another version than the compared one is newest."""
    newest = version_in_force(session)
    has_moved = newest is not None and newest.hash != version.base_hash
    return has_moved or is_outdated(version, reports)


def _lock(session: Session) -> None:
    """Let one act on packs go at a time."""
    session.execute(select(Installation.id).with_for_update())


def _waiting(session: Session, pack_hash: str) -> PackVersion:
    version = _in_state(session, pack_hash, "waiting", "checking")
    if version.state == "checking":
        raise StillChecking(label=version.label)
    return version


def _in_state(session: Session, pack_hash: str, *states: str) -> PackVersion:
    _lock(session)
    version = session.get(PackVersion, pack_hash, populate_existing=True)
    if version is None:
        raise NotFound(what="pack", key=pack_hash[:12])
    if version.state not in states:
        by = version.decided_by or version.submitted_by
        raise NotWaiting(label=version.label, by=by, at=version.decided_at)
    return version


def _put_forward(session: Session, pack: Pack) -> PackVersion:
    """Find the row of a version that was taken back, or make one."""
    found = session.get(PackVersion, pack.hash, populate_existing=True)
    if found is not None and found.state not in ("withdrawn", "failed"):
        raise VersionThere(label=found.label, at=found.submitted_at, by=found.submitted_by)
    same_label = select(PackVersion.hash).where(
        PackVersion.label == pack.version_label,
        PackVersion.hash != pack.hash,
        PackVersion.state.in_(("shipped", "checking", "waiting", "approved")),
    )
    if session.scalars(same_label).first() is not None:
        raise LabelTaken(label=pack.version_label)
    if found is not None:
        return found
    made = PackVersion(
        hash=pack.hash, pack_id=pack.id, title=pack.title("zh"), label=pack.version_label
    )
    session.add(made)
    return made


def _decide(
    session: Session,
    actor: Actor,
    now: datetime,
    version: PackVersion,
    state: str,
    reason: str,
    **form: str,
) -> PackVersion:
    if version.in_force_on is not None:
        form["in_force_on"] = version.in_force_on.isoformat()
    version.state, version.reason = state, reason
    version.decided_at, version.decided_by = now, actor.account_id
    version.decided_seq = append_house(
        session, actor, now, f"pack_{state}", version.hash, form=form, reason=reason or None
    )
    session.flush()
    return version


def given_note(reason: str) -> str:
    """Give a reason without blanks around it.

    Raises:
        NoteMissing: There is none, or it is too long.
    """
    text = reason.strip()
    if not 1 <= len(text) <= LONGEST_NOTE:
        raise NoteMissing(longest=LONGEST_NOTE)
    return text


def _earliest(base: PackVersion | None, now: datetime) -> date:
    """Give the first day on which a version may follow another."""
    today = local_date(now)
    return max(today, base.in_force_on or today) if base is not None else today


def _refuse_early(wanted_on: date | None, base: PackVersion | None, now: datetime) -> None:
    earliest = _earliest(base, now)
    if wanted_on is not None and wanted_on < earliest:
        raise DateTooEarly(earliest_on=earliest)


def _refuse_moved(label: str, base_hash: str | None, newest: PackVersion | None) -> None:
    if newest is not None and newest.hash != base_hash:
        raise BaseMoved(label=label, newest=newest.label)


def _refuse_oneself(session: Session, actor: Actor, version: PackVersion) -> None:
    """Refuse the submitter, under another account of the same person too."""
    if is_same_person(session, actor, version.submitted_by):
        raise OwnVersion(label=version.label)
