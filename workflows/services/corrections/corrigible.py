"""What of a record may be corrected, by whom, and what that would do; nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.entries import path_at
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.records import (
    Source,
)
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue
from workflows.engine.errors import UnknownPlace
from workflows.engine.facts import names_for_expressions
from workflows.engine.forms import FormField, FormSchema, Typed
from workflows.services.access import role_serving
from workflows.services.corrections.consequences import Consequence, consequences_of
from workflows.services.corrections.origins import TYPED, Recorded, origins_of, recorded
from workflows.services.journal import Act
from workflows.services.offices import office_by_id
from workflows.services.secrecy.clearance import cleared_levels
from workflows.services.separation import doer_of, refuse_forbidden_pair
from workflows.services.steps.forms import ValidationFailed
from workflows.services.steps.locked import LockedCase, load_locked, load_seen
from workflows.services.steps.tasks import CaseNotOpen, refuse_own_case

CORRECTING_ROLES = ("R03",)
_INTERNAL = "L1"


class ReasonNeeded(InvalidInput):
    """A correction needs a reason of at most {longest} characters."""

    code: ClassVar[str] = "correction_reason_needed"


class NothingToCorrect(InvalidInput):
    """Record {seq} wrote no value that could be corrected."""

    code: ClassVar[str] = "nothing_to_correct"


class FactNotSet(InvalidInput):
    """Record {seq} left {fact} empty: there is nothing to correct."""

    code: ClassVar[str] = "fact_not_set"


class FactUnchanged(InvalidInput):
    """Nothing in record {seq} would be otherwise: every value is as it stands."""

    code: ClassVar[str] = "fact_unchanged"


class FactComputed(InvalidInput):
    """The rules worked {fact} out: correct what they worked it out from."""

    code: ClassVar[str] = "fact_computed"


class FactRewritten(InvalidInput):
    """Record {later} wrote {fact} again after record {seq}: correct that one."""

    code: ClassVar[str] = "fact_rewritten"


class ContentErased(Conflict):
    """The content of record {seq} was erased; nothing is left to correct."""

    code: ClassVar[str] = "content_erased"


class CaseMoved(Conflict):
    """The case {number} has gone on since the form was read: it is at record {seq} now."""

    code: ClassVar[str] = "case_moved"


class CorrectionWaits(Conflict):
    """A correction of case {number} waits for its second person already."""

    code: ClassVar[str] = "correction_waits"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a correction would change and what would have been otherwise."""

    about: Recorded
    changes: Mapping[str, tuple[FactValue, FactValue]]
    consequences: tuple[Consequence, ...]
    needs_second: bool

    @property
    def corrected(self) -> dict[str, FactValue]:
        """Give the facts with their new values."""
        return {name: new for name, (_, new) in self.changes.items()}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to correct.

    ``typed`` are values as a form gives them, by fact; ``seen`` is the last record of the
    case that the form was read with; ``document`` names the paper that shows the mistake,
    empty where there is none.
    """

    seq: int
    typed: Mapping[str, Typed]
    reason: str
    seen: int
    document: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of a correction: its record, or the entry that waits for a second person."""

    seq: int | None
    entry_id: int | None = None
    has_review: bool = False


@dataclass(frozen=True, slots=True)
class Correctable:
    """What of a record may be corrected: its fields in their order, with their values now."""

    about: Recorded
    fields: tuple[FormField, ...]
    values: Mapping[str, FactValue]
    seen: int
    rewritten: Mapping[str, int] = field(default_factory=dict)

    @property
    def schema(self) -> FormSchema:
        """Give these fields as a form of its own; what hid or asked for them is past."""
        schema = self.about.schema
        return FormSchema(schema.id if schema else "", self.fields)


# ------------------------------------------------------------------ who may


def acting(
    session: Session,
    case: LockedCase,
    about: Recorded,
    actor: Actor,
    now: datetime,
    document: str = "",
) -> Act:
    """Give the act of whoever may correct a record: the role that wrote it, or the handler.

    Raises:
        RoleMissing, RolesForbidden, OwnCase, NotAllowed: This actor may not.
    """
    record = about.entry.record
    role = None
    if record["role"] and record["office"] and record["performed_by"] is None:
        role = actor.holds((record["role"],), office_by_id(session, record["office"]).path)
    role = role or role_serving(actor, CORRECTING_ROLES, case.place.org_path)
    act = Act(actor, now, now, role)
    refuse_own_case(case, actor, act)
    refuse_unread(case, about, actor)
    refuse_forbidden_pair(session, case.id, role, doer_of(session, actor))
    return on_paper(act) if document else act


def refuse_unread(case: LockedCase, about: Recorded, actor: Actor) -> None:
    """Keep from correcting whoever may not read what the record wrote.

    Raises:
        NotAllowed: Some of it lies beyond his clearance.
    """
    if about.entry.record["actor"] == actor.account_id:
        return
    needed = {_level(about, name) for name in about.typed}
    if not needed <= cleared_levels(actor, case.place.org_path, case.level):
        raise NotAllowed(reason="content")


def on_paper(act: Act) -> Act:
    """Give an act that a paper shows."""
    return Act(act.actor, act.now, act.occurred_at, act.role, act.office, None, Source.PAPER)


def _level(about: Recorded, name: str) -> str:
    return about.definition.pack.facts[name].level.value


# --------------------------------------------------------------- what it does


def load_recorded(
    session: Session, case_id: str, *, locks: bool = True
) -> tuple[LockedCase, list[Recorded]]:
    """Read a case and all its records, under its lock or for a page.

    Raises:
        NotFound: There is no such case in the session's scope.
        CaseNotOpen: It is stopped and waits for its approver.
    """
    case = load_locked(session, case_id) if locks else load_seen(session, case_id)
    if case.state == "stopped":
        raise CaseNotOpen(number=case.number, state=case.state)
    return case, list(recorded(session, case_id))


def record_about(case: LockedCase, entries: list[Recorded], seq: int) -> Recorded:
    """Find a record that somebody filled in.

    Raises:
        NotFound, NothingToCorrect, ContentErased: There is none, or nothing of it is left.
    """
    if not 0 < seq <= case.head.seq:
        raise NotFound(what="record", key=str(seq))
    about = next((each for each in entries if each.entry.seq == seq), None)
    # What was taken back within the minute is not among the entries.
    if about is None:
        raise NothingToCorrect(seq=seq)
    if about.is_erased or case.key_id is None:
        raise ContentErased(seq=seq)
    if about.kind not in TYPED:
        raise NothingToCorrect(seq=seq)
    return about


def fact_fields(about: Recorded) -> list[FormField]:
    """Give the fields of a record's form that write facts, in their order."""
    fields = about.schema.fields if about.schema else ()
    return [each for each in fields if each.is_input and each.fact is not None]


def read_corrected(
    case: LockedCase, entries: list[Recorded], about: Recorded, wanted: Wanted
) -> dict[str, FactValue]:
    """Read typed values as the form would that wrote them; those that differ are given.

    Raises:
        ValidationFailed: Naming every field that needs another value.
    """
    _refuse_unknown(about, wanted.typed)
    schema = about.schema
    if schema is None:
        raise NothingToCorrect(seq=wanted.seq)
    pack = about.definition.pack
    names = names_for_expressions(pack.facts, about.before, pack.constants)
    was = schema.read(_typed_again(schema, about, case.facts), names)
    reading = schema.read({**_typed_again(schema, about, case.facts), **wanted.typed}, names)
    errors = {key: error for key, error in reading.errors.items() if key not in was.errors}
    if errors:
        raise ValidationFailed(fields=errors)
    new = {name: reading.facts.get(name) for name in wanted.typed}
    return checked(case, entries, about, new)


def _refuse_unknown(about: Recorded, typed: Mapping[str, Typed]) -> None:
    """Refuse facts that the form of the record has not; say which of them the rules gave."""
    fields = {each.key for each in fact_fields(about)}
    for name in sorted(set(typed) - fields):
        if name in about.definition.pack.facts and name in {**about.before, **about.changed}:
            raise FactComputed(fact=name)
        raise FactNotSet(fact=name, seq=about.entry.seq)


def _typed_again(
    schema: FormSchema, about: Recorded, facts: Mapping[str, FactValue]
) -> dict[str, Typed]:
    """Give what was typed into a form as it would be typed again, facts as they are now."""
    form = about.entry.payload["form"]
    typed: dict[str, Typed] = {}
    for each in schema.fields:
        value = form.get(each.key)
        if not each.is_input or value is None:
            continue
        if each.fact is None or isinstance(value, list):
            typed[each.key] = value
        else:
            typed[each.key] = each.fact.show(facts.get(each.key, value))
    return typed


def checked(
    case: LockedCase,
    entries: list[Recorded],
    about: Recorded,
    new: Mapping[str, FactValue],
) -> dict[str, FactValue]:
    """Give the values that differ from what stands, each still from this record.

    Raises:
        FactNotSet, FactComputed, FactRewritten, FactUnchanged: See there.
    """
    origins, seq = origins_of(entries), about.entry.seq
    changed = {name: value for name, value in new.items() if case.facts.get(name) != value}
    if not changed:
        raise FactUnchanged(seq=seq)
    declared = case.definition.pack.facts
    for name, value in changed.items():
        if about.typed.get(name) is None or value is None or name not in declared:
            raise FactNotSet(fact=name, seq=seq)
        origin = origins.get(name, 0)
        if origin == 0:
            raise FactComputed(fact=name)
        if origin != seq:
            raise FactRewritten(fact=name, seq=seq, later=origin)
        declared[name].check(value)
    return changed


def planned(
    session: Session,
    case: LockedCase,
    entries: list[Recorded],
    about: Recorded,
    new: Mapping[str, FactValue],
) -> Plan:
    """Say what new values change, what would have been otherwise, and how many people it takes."""
    return Plan(
        about,
        {name: (case.facts.get(name), value) for name, value in new.items()},
        consequences_of(session, case, entries, about.entry.seq, new),
        _needs_second(case, about, new),
    )


def _needs_second(case: LockedCase, about: Recorded, new: Mapping[str, FactValue]) -> bool:
    """Say whether two people are needed: what is about a person, or what two had signed."""
    if case.level != _INTERNAL or any(_level(about, name) != _INTERNAL for name in new):
        return True
    try:
        return about.definition.activity(path_at(about.entry.ref)).signatures > 1
    except UnknownPlace:
        return False
