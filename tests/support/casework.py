"""A small world to step cases in: the shipped pack, a branch, officers by short names."""

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, PoolProxiedConnection, select

from tests.support.filled import SERVED, VERIFIED
from tests.support.replayed import records_of, replay, surroundings_of
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Actor
from workflows.domain.terms import ExtensionTooLong
from workflows.engine.forms import FieldKind, FormField
from workflows.engine.offered import closed_choices
from workflows.jobs.scenario_cast import Cast, Stage
from workflows.jobs.sweep import SweepReport, run_sweep
from workflows.services import casework
from workflows.services.access import load_actor
from workflows.services.history.rebuild import differences
from workflows.services.installation import init_installation
from workflows.services.packs import current_pack
from workflows.services.steps.attribution import offered_texts
from workflows.services.steps.beside import Other, offers, opening_facts, opening_named
from workflows.services.steps.locked import LockedCase
from workflows.services.steps.paper import PaperAct
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import open_memory, session_factory
from workflows.store.schema import create_all
from workflows.store.scope import SystemScope
from workflows.store.tables import Case
from workflows.store.transaction import Session, Sessions, savepoint, transaction

# Of a committee, as many are due as come and as are in favour: so its decisions stand.
_COUNTED = ("members_due", "members_present", "votes_for")
START = datetime(2026, 3, 10, 1, tzinfo=UTC)
_KEY = new_subject_key()
INTAKE = {
    "disposition": "procedure",
    "problem_type": "P101",
    "source": "spot_check",
    "found_on": "2026-03-10",
    "description": "上年第四季度未召开党员大会",
}


@dataclass
class World:
    """An installation in test mode with one branch, at a time of its own."""

    sessions: Sessions
    cast: Cast
    now: datetime = START
    cases: list[str] = field(default_factory=list)

    def transaction(self) -> Any:
        """Open a transaction that sees everything."""
        return transaction(self.sessions, SystemScope("test"))

    def open_matter(self, **values: Any) -> str:
        """Register a matter at the branch and give its case."""
        with self.transaction() as session:
            clerk = self.cast.account(session, "登记人", self.now)
            self.cast.allow(session, clerk, ("R01",), self.now)
            opened = casework.open_matter(
                session,
                load_actor(session, clerk, local_date(self.now)),
                self.now,
                organisation_id=self.cast.subject_id,
                values={**INTAKE, **values},
            )
        self.cases.append(opened.case_id)
        return opened.case_id

    def open_rectification(self, **served: str) -> str:
        """Open a case whose term of rectification runs from 2026-03-10."""
        case_id = self.open_matter()
        self.complete(case_id, "accept", "承办", acceptance="accept")
        self.complete(case_id, "verify", "核实甲", **VERIFIED)
        self.complete(case_id, "verify", "核实乙")
        self.complete(case_id, "notice", "承办", **{**SERVED, **served})
        return case_id

    def complete(self, case_id: str, activity: str, by: str, **values: Any) -> casework.Completed:
        """Complete the open task of an activity."""
        with self.transaction() as session:
            stage = self.cast.stage(session, case_id, self.now)
            task = stage.task(activity)
            roles = stage.case.definition.activity(task.rpartition("#")[0]).roles
            actor = stage.actor(by, roles)
            return casework.complete(session, actor, self.now, case_id, task, values)

    def sweep(self) -> SweepReport:
        """Sweep at the world's time."""
        return run_sweep(self.sessions, self.now)

    def differences(self) -> list[Any]:
        """Compare all rows with the fold of their records, and take the steps of these again."""
        with self.transaction() as session:
            surroundings = surroundings_of(session)
            for records in records_of(session):
                replay(surroundings, records)
            return list(differences(session))


def make_world(sessions: Sessions, start: datetime = START, pack_dir: Path | None = None) -> World:
    """Make an installation with a pack, the shipped one, in an empty database with the schema."""
    _install(sessions, start, pack_dir or shipped_pack_dir())
    return _peopled(sessions, start)


def memory_world(start: datetime = START) -> World:
    """Make a world in memory: a copy of one that is installed once for each beginning."""
    engine, marks = open_memory(), Vault(_KEY).session_marks()
    with (
        closing(_installed(start).raw_connection()) as made,
        closing(engine.raw_connection()) as copied,
    ):
        _sqlite(made).backup(_sqlite(copied))
    return _peopled(session_factory(engine, marks), start)


@cache
def _installed(start: datetime) -> Engine:
    engine = open_memory()
    create_all(engine)
    _install(session_factory(engine, Vault(_KEY).session_marks()), start, shipped_pack_dir())
    return engine


def _install(sessions: Sessions, start: datetime, pack_dir: Path) -> None:
    with transaction(sessions, SystemScope("test")) as session:
        init_installation(session, start, "test", "测试", pack_dir)


def _peopled(sessions: Sessions, start: datetime) -> World:
    with transaction(sessions, SystemScope("test")) as session:
        return World(sessions, Cast.gather(session), start)


def _sqlite(connection: PoolProxiedConnection) -> sqlite3.Connection:
    assert isinstance(connection.driver_connection, sqlite3.Connection)
    return connection.driver_connection


@dataclass
class Player:
    """Does at random what people could do; every form is filled as it asks."""

    world: World
    draw: random.Random

    def step(self) -> str:
        """Complete a task, send a message or let days pass and sweep; say which."""
        if self.draw.random() < 0.25:
            self.world.now += timedelta(days=self.draw.choice((1, 3, 10, 40)))
            report = self.world.sweep()
            assert report.failed == 0
            return f"sweep {report.fired}"
        self.world.now += timedelta(hours=self.draw.choice((1, 5, 30)))
        with self.world.transaction() as session:
            choices = self._choices(session)
            if not choices:
                return "nothing"
            case_id, kind, place = self.draw.choice(choices)
            with suppress(ExtensionTooLong), savepoint(session):
                return self._act(session, case_id, kind, place)
            return "refused"

    def do(self, case_id: str, activity: str, **given: Any) -> str:
        """Do the open task of an activity, with values given or made up."""
        with self.world.transaction() as session:
            task = self.world.cast.stage(session, case_id, self.world.now).task(activity)
            return self._act(session, case_id, "task", task, **given)

    def _choices(self, session: Session) -> list[tuple[str, str, str]]:
        choices = []
        for case_id in session.execute(select(Case.id).where(Case.state == "open")).scalars():
            case = self.world.cast.stage(session, case_id, self.world.now).case
            tasks = sorted(each for each in case.tasks.items() if each[0] != REVIEW)
            choices += [(case_id, "task", f"{path}#{task.n}") for path, task in tasks]
            events = [(path, case.definition.message(path)) for path in case.awaited]
            choices += [(case_id, "message", path) for path, event in events if event.roles]
            choices += [(case_id, "beside", each) for each in self._askable(session, case)]
        return choices

    def _askable(self, session: Session, case: LockedCase) -> list[str]:
        """Give what may be opened beside a case, if not by everybody."""
        nobody = Actor("u_nobody", "无人")
        pack = current_pack(session, local_date(self.world.now))
        found = offers(session, nobody, pack, Other.of(case))
        return [each.opening.process_id for each in found if each.is_ready]

    def _ask(self, session: Session, stage: Stage, process: str) -> str:
        """Open a case beside another on the paper of its subject."""
        opening = opening_named(stage.pack, process, Other.of(stage.case))
        on = local_date(stage.now)
        known = opening_facts(session, stage.pack, opening, Other.of(stage.case), on)
        values = self.fill(session, stage, opening.form, known)
        performer = stage.case.subject_person_id
        paper = None if performer is None else PaperAct(performer, on, "书面申请")
        roles = opening.roles if paper is None else ("R03",)
        actor = stage.actor(self._name(roles), roles)
        case_id = stage.case.id
        casework.open_beside(session, actor, stage.now, case_id, process, values, paper=paper)
        return f"beside {process}"

    def _act(self, session: Session, case_id: str, kind: str, place: str, **given: Any) -> str:
        stage = self.world.cast.stage(session, case_id, self.world.now)
        now = self.world.now
        if kind == "beside":
            return self._ask(session, stage, place)
        if kind == "message":
            event = stage.case.definition.message(place)
            actor = self._actor(stage, event.roles)
            values = self.fill(session, stage, event.form)
            casework.send_message(session, actor, now, case_id, place, values)
            return f"message {place}"
        activity = stage.case.definition.activity(place.rpartition("#")[0])
        values = self.fill(session, stage, activity.form, **given)
        for signer in range(activity.signatures):
            apart = case_id[-4:] if activity.is_apart else ""
            actor = self._actor(stage, activity.roles, signer, apart)
            casework.complete(session, actor, now, case_id, place, values)
        return f"complete {place} {values}"

    def _actor(
        self, stage: Stage, roles: tuple[str, ...], number: int = 0, apart: str = ""
    ) -> Actor:
        """Give who holds the roles; the person concerned is who the case is about."""
        actor = stage.actor(self._name(roles, number, apart), roles)
        concerned = stage.case.subject_person_id
        return replace(actor, person_id=concerned) if "R15" in roles and concerned else actor

    def _name(self, roles: tuple[str, ...], number: int = 0, apart: str = "") -> str:
        """Give each role people of its own, so that no forbidden pair meets.

        Whoever has to be ``apart`` from an original case works on no other case.
        """
        return f"{roles[0] if roles else '任何人'}-{number}{apart}"

    def fill(
        self,
        session: Session,
        stage: Stage,
        form: str | None,
        opened_with: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> dict[str, Any]:
        """Fill what of a form is not given with values it takes; hidden fields are left out."""
        if form is None:
            return {}
        schema = current_pack(session, local_date(self.world.now)).forms[form]
        values: dict[str, Any] = dict(given)
        names = _names(stage.case, opened_with)
        known = stage.case.facts if opened_with is None else opened_with
        closed = closed_choices(stage.case.definition.pack, schema, known)
        person = stage.case.subject_person_id
        register = offered_texts(session, person) if person else {}
        for _ in range(4):
            reading = schema.read(values, names)
            missing = [key for key in reading.errors if schema.field(key)]
            if not missing:
                return values
            for key in missing:
                values[key] = self._value(session, schema.field(key), closed, register)
        reason = f"{form} takes no values: {schema.read(values, names).errors}"
        raise AssertionError(reason)

    def _value(
        self,
        session: Session,
        of: FormField | None,
        closed: Mapping[str, frozenset[str]],
        register: Mapping[str, tuple[str, ...]],
    ) -> Any:
        assert of is not None
        if of.picker == "person":
            return self.world.cast.person(
                session, f"{of.key}{self.draw.randrange(9)}", self.world.now
            )
        if of.picker is not None:
            cast = self.world.cast
            above = cast.bodies.get("township committee", cast.subject_id)
            return above if of.picker == "organisation" else register[of.picker][0]
        match of.kind:
            case FieldKind.NUMBER:
                low = int(of.minimum or 0)
                drawn = self.draw.randint(low, int(of.maximum or low + 10))
                return "9" if of.key in _COUNTED else str(drawn)
            case FieldKind.DATE:
                return local_date(self.world.now).isoformat()
            case FieldKind.SELECT | FieldKind.RADIO:
                return self._choice(of, closed)
            case FieldKind.CHECKLIST:
                return [self.draw.choice(of.choices).value]
            case FieldKind.CHECKBOX:
                return "true"
            case _:
                return "已按要求办理并附有材料"[: of.max_length]

    def _choice(self, of: FormField, closed: Mapping[str, frozenset[str]]) -> str:
        """Choose what is open, the first choice oftenest: it is the way on."""
        shut = closed.get(of.key, frozenset())
        choices = tuple(each for each in of.choices if each.value not in shut)
        pool = (choices[0], *choices) if self.draw.random() < 0.5 else choices[:1]
        return self.draw.choice(pool).value


def _names(case: LockedCase, opened_with: Mapping[str, Any] | None) -> Mapping[str, Any]:
    from workflows.engine.facts import names_for_expressions

    pack = case.definition.pack
    facts = case.facts if opened_with is None else opened_with
    return names_for_expressions(pack.facts, facts, pack.constants)
