"""Whether the people there are today can take a case through each process, and with how few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.organisations import Kind, Level
from workflows.domain.roles import Role
from workflows.domain.staffing import Colleague, Staffing, Step, anybody, merged, staff
from workflows.engine import Activity, Definition, Pack
from workflows.queries.staff.claimable import Staff, staff_on
from workflows.services.offices import Office, Place, office_for
from workflows.services.packs import current_pack
from workflows.services.separation import START
from workflows.store.scope import within
from workflows.store.tables import Organisation

RECORDER = "recorder"
_TALK = frozenset({"talker", RECORDER})
_REGISTERING = ("R01", "R03")
# The organisation and the person concerned are nobody's staff.
_OTHERS = frozenset({Role.RECTIFIER.value, Role.PERSON_CONCERNED.value})


@dataclass(frozen=True, slots=True)
class Duty:
    """Tasks that ask for the same people: how a step is called and whose office does it."""

    step: Step
    office_rule: str
    activity: str


@dataclass(frozen=True, slots=True)
class Need:
    """The fewest people that a process asks for by its rules: without and with exceptions.

    ``is_apart`` says that some of its steps keep free all who had to do with another case.
    """

    process_id: str
    people: int
    with_exceptions: int
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A step that cannot be filled today; ``units`` are the townships where it is so."""

    activity: str
    roles: tuple[str, ...]
    signatures: int
    office: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitStaffing:
    """How a unit's people suffice for a process today; zero where they do not."""

    unit: str
    process_id: str
    people: int
    with_exceptions: int
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class StaffReport:
    """What each process needs, and what there is at each unit."""

    pack: Pack
    needs: tuple[Need, ...]
    units: tuple[UnitStaffing, ...]

    @property
    def is_enough(self) -> bool:
        """Say whether every step can be filled everywhere."""
        return not any(each.missing for each in self.units)


def staff_report(
    session: Session, today: date, unit_paths: Sequence[str], *, staffed_only: bool = False
) -> StaffReport:
    """Hold the pack in force against the roles that people hold on a day.

    Args:
        session: Carries a scope.
        today: Whose grants count, and which pack.
        unit_paths: Subtrees whose banners, or townships, are looked at.
        staffed_only: Leave out units in which nobody holds any role.
    """
    pack = current_pack(session, today)
    known = {each: tuple(duties_of(pack.processes[each])) for each in _opened(pack)}
    people = staff_on(session, today)
    units = tuple(
        found
        for unit, townships in _units(session, unit_paths)
        if not staffed_only or any(path.startswith(unit.path) for _, path in people.holders)
        for process_id, duties in known.items()
        for found in (_unit_staffing(session, people, unit, townships, process_id, duties),)
    )
    return StaffReport(pack, tuple(_need(pack, each) for each in known), units)


def _opened(pack: Pack) -> tuple[str, ...]:
    """Give the processes that are cases of their own: not those that others call."""
    called = {
        element.called
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
        if element.called
    }
    others = sorted(set(pack.processes) - called - {pack.entry})
    return (pack.entry, *others)


@lru_cache(maxsize=64)
def duties_of(definition: Definition) -> tuple[Duty, ...]:
    """Give what a process asks of people, alike tasks as one, each with its office."""
    duties: dict[str, Duty] = {}
    if definition.process_id == definition.pack.entry:
        duties[START] = Duty(Step(START, _REGISTERING, 1, 0), "matter_office", START)
    for activity in definition.tasks:
        if not _OTHERS.issuperset(activity.roles):
            duty = _duty(activity)
            duties.setdefault(activity.path, duty)
            if _is_talk(definition, activity):
                key = f"{activity.path}:{RECORDER}"
                recorder = Step(key, (Role.RECORDER.value,), 1, activity.rung)
                duties[key] = Duty(recorder, duty.office_rule, activity.id)
    ids = {duty.activity: key for key, duty in duties.items()}
    return tuple(_merged(duties, ids))


def _merged(duties: Mapping[str, Duty], ids: Mapping[str, str]) -> Iterator[Duty]:
    by_rule: dict[str, list[Step]] = {}
    for duty in duties.values():
        apart = frozenset(ids[name] for name in duty.step.apart_from if name in ids)
        step = Step(duty.step.key, duty.step.roles, duty.step.signatures, duty.step.rung, apart)
        by_rule.setdefault(duty.office_rule, []).append(step)
    named = {key for steps in by_rule.values() for step in steps for key in step.apart_from}
    for rule, steps in by_rule.items():
        alone = [step for step in steps if step.key in named]
        rest = [step for step in steps if step.key not in named]
        for step in (*alone, *merged(rest)):
            yield Duty(step, rule, duties[step.key].activity)


def _duty(activity: Activity) -> Duty:
    step = Step(
        activity.path,
        activity.roles,
        activity.signatures,
        activity.rung,
        frozenset(activity.other_than),
    )
    return Duty(step, activity.office_rule or "subject", activity.id)


def _is_talk(definition: Definition, activity: Activity) -> bool:
    schema = definition.pack.forms.get(activity.form or "")
    return schema is not None and {each.key for each in schema.fields} >= _TALK


@lru_cache(maxsize=64)
def _need(pack: Pack, process_id: str) -> Need:
    definition = pack.processes[process_id]
    steps = [duty.step for duty in duties_of(definition)]
    crowd = anybody(steps)
    return Need(
        process_id,
        len(staff(steps, crowd, with_exceptions=False).people),
        len(staff(steps, crowd, with_exceptions=True).people),
        any(task.is_apart for task in definition.tasks),
    )


def _units(
    session: Session, paths: Sequence[str]
) -> Iterator[tuple[Organisation, tuple[Organisation, ...]]]:
    """Give banners with their townships, or a township alone where a path leads into one."""
    statement = select(Organisation).where(
        Organisation.kind == Kind.UNIT,
        Organisation.until_on.is_(None),
        Organisation.level.in_((Level.BANNER, Level.TOWNSHIP)),
        within(Organisation.path, paths),
    )
    units = session.scalars(statement.order_by(Organisation.path)).all()
    banners = [unit for unit in units if unit.level == Level.BANNER]
    for banner in banners:
        below = [unit for unit in units if unit.path.startswith(banner.path) and unit != banner]
        yield banner, tuple(below)
    for unit in units:
        if not any(unit.path.startswith(banner.path) for banner in banners):
            yield unit, (unit,)


def _unit_staffing(
    session: Session,
    people: Staff,
    unit: Organisation,
    townships: Sequence[Organisation],
    process_id: str,
    duties: Sequence[Duty],
) -> UnitStaffing:
    missing: dict[tuple[str, str], Missing] = {}
    counts, light = [], []
    for township in townships or (unit,):
        offices = _offices(session, township, duties)
        steps, colleagues = _today(people, duties, offices, township)
        strict = staff(steps, colleagues, with_exceptions=False)
        found = staff(steps, colleagues, with_exceptions=True) if strict.left_out else strict
        eased = found if strict.left_out else staff(steps, colleagues, with_exceptions=True)
        counts.append(_counted(strict))
        light.append(_counted(eased))
        for key in eased.left_out:
            duty = next(each for each in duties if each.step.key == key)
            office = offices[duty.office_rule].name
            before = missing.get((key, office))
            units = (*(before.units if before else ()), township.name)
            missing[key, office] = Missing(
                duty.activity, duty.step.roles, duty.step.signatures, office, units
            )
    return UnitStaffing(
        unit.name,
        process_id,
        max(counts) if all(counts) else 0,
        max(light) if all(light) else 0,
        tuple(missing.values()),
    )


def _counted(found: Staffing) -> int:
    return 0 if found.left_out else len(found.people)


def _offices(
    session: Session, township: Organisation, duties: Sequence[Duty]
) -> Mapping[str, Office]:
    registering = office_for(
        session, "banner_organisation", Place(township.id, township.path, township.id)
    )
    place = Place(township.id, township.path, registering.id)
    return {
        rule: office_for(session, rule, place) for rule in {duty.office_rule for duty in duties}
    }


def _today(
    people: Staff,
    duties: Sequence[Duty],
    offices: Mapping[str, Office],
    township: Organisation,
) -> tuple[list[Step], list[Colleague]]:
    """Give the steps that need somebody with an account, and who can do each."""
    can: dict[str, dict[str, tuple[str, ...]]] = {}
    steps = []
    recorders = []
    for duty in duties:
        office = offices[duty.office_rule]
        if duty.step.key.endswith(f":{RECORDER}"):
            recorders.append(duty.step)
            continue
        holders = people.over(" ".join(duty.step.roles), office.path)
        kind = Kind.COMMITTEE if duty.office_rule.endswith("_committee") else Kind.UNIT
        if not holders and people.types_for(duty.step.roles, kind, township.path):
            continue
        steps.append(duty.step)
        for holder in holders:
            roles = can.setdefault(holder.person_id or holder.account_id, {})
            roles[duty.step.key] = (*roles.get(duty.step.key, ()), holder.role)
    # Who records is named on the form and needs no account: any colleague will do.
    for step in recorders:
        for roles in can.values():
            roles[step.key] = step.roles
    colleagues = [Colleague(who, roles) for who, roles in sorted(can.items())]
    return [*steps, *recorders], colleagues
