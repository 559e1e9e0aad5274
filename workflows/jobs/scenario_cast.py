"""The people and places of a scenario, made up as it goes.

Who acts is given the role that the task asks for, so that a scenario speaks of people
by short names; the separation of duties still holds between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.ids import new_id
from workflows.domain.organisations import bodies_of
from workflows.domain.roles import Actor
from workflows.engine import Pack
from workflows.services.access import load_actor
from workflows.services.packs import current_pack
from workflows.services.steps.attribution import HeldPost, listed_duties, offered_texts
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.messages import awaited_event
from workflows.services.steps.paper import PaperAct
from workflows.store.casework import last_task
from workflows.store.tables import Account, Duty, Grant, Organisation, Person, Tenure
from workflows.store.transaction import Session

_UNITS = (("T1", "塔林盟"), ("T2", "苏布德旗"), ("T3", "吉日嘎图苏木"), ("T4", "阿日善图嘎查"))
_LEAGUE, _BANNER, _TOWNSHIP = 0, 1, 2
_LEVELS = ("league", "banner", "township", "gacha")
CATEGORY = "banner_cadre"
POST = "副书记"
APPOINTED_ON = date(2020, 1, 1)


@dataclass(slots=True)
class Cast:
    """Who is who: accounts and people by the scenario's short names.

    ``described`` is what the scenario says of its people: category, post, from_on, until_on.
    ``bodies`` are the organisations by their place, such as ``township committee``.
    """

    units: tuple[tuple[str, str], ...]
    subject_id: str
    described: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    @classmethod
    def gather(cls, session: Session) -> Cast:
        """Make a small tree: a league, a banner, a township and a gacha with its branch."""
        parent_id, path, code, units = None, "", "", []
        bodies: dict[str, str] = {}
        subject_id = ""
        for level, (suffix, name) in enumerate(_UNITS, start=2):
            code = f"{code}{suffix}"
            root = "" if path else "SC."
            path = f"{path or root}{code}."
            unit = _organisation(code, name, "unit", level, parent_id, path)
            session.add(unit)
            session.flush()
            for body in bodies_of(code, name, level):
                row = _organisation(
                    body.code, body.name, body.kind, level, unit.id, f"{path}{body.code}."
                )
                session.add(row)
                subject_id = bodies[f"{_LEVELS[level - 2]} {body.kind}"] = row.id
            units.append((unit.id, path))
            parent_id = unit.id
        session.flush()
        return cls(tuple(units), subject_id, bodies=bodies)

    def person(self, session: Session, alias: str, now: datetime) -> str:
        """Give a holder of public duty by a short name, with a post in the township."""
        known = self.people.get(alias)
        if known is not None:
            return known
        person = Person(id=new_id("p"), name=alias, staff_code=None)
        session.add(person)
        session.flush()
        self._appoint(session, person.id, self.described.get(alias, {}))
        session.flush()
        self.people[alias] = person.id
        return person.id

    def _appoint(self, session: Session, person_id: str, about: Mapping[str, Any]) -> None:
        unit_id, path = self.units[_TOWNSHIP]
        post = str(about.get("post", POST))
        self._list_duty(session, unit_id, path, post)
        session.add(
            Tenure(
                person_id=person_id,
                organisation_id=unit_id,
                org_path=path,
                post=post,
                subject_category=str(about.get("category", CATEGORY)),
                from_on=about.get("from_on", APPOINTED_ON),
                until_on=about.get("until_on"),
            )
        )

    def _list_duty(self, session: Session, unit_id: str, path: str, post: str) -> None:
        """Give a post a line in the responsibility list, once."""
        if not listed_duties(session, (HeldPost(unit_id, "", post, APPOINTED_ON, None),)):
            session.add(
                Duty(
                    organisation_id=unit_id,
                    org_path=path,
                    post=post,
                    content="督促嘎查村党组织按期整改",
                    basis="领导班子分工文件",
                    from_on=APPOINTED_ON,
                )
            )

    def account(self, session: Session, alias: str, now: datetime) -> str:
        """Give an account by a short name."""
        known = self.accounts.get(alias)
        if known is not None:
            return known
        account = Account(
            id=new_id("u"),
            username=alias,
            display_name=alias,
            password_hash="",
            token=new_id("u"),
            person_id=self.person(session, alias, now),
            created_at=now,
        )
        session.add(account)
        session.flush()
        self.accounts[alias] = account.id
        return account.id

    def allow(
        self, session: Session, account_id: str, roles: Iterable[str], now: datetime
    ) -> Actor:
        """Give an account one of these roles over the banner, or the league, if it has none."""
        wanted = tuple(roles)
        actor = load_actor(session, account_id, local_date(now))
        held = {grant.role for grant in actor.grants}
        if wanted and held.isdisjoint(wanted):
            unit_id, path = self.units[_LEAGUE]
            session.add(
                Grant(
                    account_id=account_id,
                    role=wanted[0],
                    organisation_id=unit_id,
                    org_path=path,
                    from_on=date(2020, 1, 1),
                    until_on=None,
                )
            )
            session.flush()
        return load_actor(session, account_id, local_date(now))

    def known(self) -> tuple[dict[str, str], dict[str, str]]:
        """Give who is known now, for when what follows is undone."""
        return dict(self.accounts), dict(self.people)

    def forget_but(self, known: tuple[dict[str, str], dict[str, str]]) -> None:
        """Forget whoever was made up in a step that was refused, and so is in no table."""
        self.accounts, self.people = known

    def values(
        self,
        session: Session,
        form: str | None,
        values: Mapping[str, Any],
        now: datetime,
        person_id: str | None = None,
    ) -> dict[str, Any]:
        """Write a scenario's form values as a browser would send them.

        Of the posts and duties of the person concerned, the first that has the text is chosen.
        """
        if form is None:
            return {}
        schema = current_pack(session, local_date(now)).forms[form]
        register = offered_texts(session, person_id) if person_id else {}
        return {
            key: self._typed(session, schema.field(key), value, now, register)
            for key, value in values.items()
        }

    def _typed(
        self,
        session: Session,
        of: Any,
        value: Any,
        now: datetime,
        register: Mapping[str, tuple[str, ...]],
    ) -> Any:
        picker = None if of is None else of.picker
        if picker is not None and picker in register:
            return next((text for text in register[picker] if str(value) in text), str(value))
        if picker == "person":
            if isinstance(value, list):
                return [self.person(session, str(alias), now) for alias in value]
            return self.person(session, str(value), now)
        if picker == "organisation":
            return self.bodies.get(str(value), self.subject_id)
        if isinstance(value, list):
            return [str(item) for item in value]
        if isinstance(value, bool):
            return "true" if value else ""
        return value.isoformat() if isinstance(value, date) else str(value)

    def stage(self, session: Session, case_id: str, now: datetime) -> Stage:
        """Give the case that a step is about, with this cast."""
        return Stage(self, session, load_locked(session, case_id), now)


@dataclass(frozen=True, slots=True)
class Stage:
    """One case at one moment, for one step of a scenario."""

    cast: Cast
    session: Session
    case: LockedCase
    now: datetime

    def task(self, activity_id: str) -> str:
        """Find the open task of an activity as path#n.

        Raises:
            NotFound: No task of it is open.
        """
        for path, row in sorted(self.case.tasks.items()):
            if path.rpartition("/")[2] == activity_id:
                return f"{path}#{row.n}"
        raise NotFound(what="open task", key=activity_id)

    def past_task(self, activity_id: str) -> str:
        """Find the latest task of an activity as path#n, whether open or not.

        Raises:
            NotFound: There never was one.
        """
        place = last_task(self.session, self.case.id, activity_id)
        if place is None:
            raise NotFound(what="task", key=activity_id)
        return place

    def actor(self, alias: str, roles: Iterable[str]) -> Actor:
        """Give an actor who may take one of these roles."""
        account_id = self.cast.account(self.session, alias, self.now)
        return self.cast.allow(self.session, account_id, roles, self.now)

    def form_values(self, form: str | None, step: Mapping[str, Any]) -> dict[str, Any]:
        """Give a step's form values as typed."""
        return self.cast.values(
            self.session, form, step.get("form", {}), self.now, self.case.subject_person_id
        )

    def message_form(self, message: str) -> tuple[tuple[str, ...], str | None]:
        """Give who may send a message that the case waits for, and with which form."""
        event = awaited_event(self.case, message)
        return event.roles, event.form

    def paper(self, step: Mapping[str, Any]) -> PaperAct | None:
        """Give the paper that a step enters: ``enter_from_paper`` is true or a table."""
        given = step.get("enter_from_paper")
        if not given:
            return None
        table = given if isinstance(given, dict) else {}
        acted_on = table.get("acted_on", local_date(self.now))
        if not isinstance(acted_on, date):
            raise InvalidInput(reason="acted_on is a date")
        alias = str(table.get("performed_by", "书面人员"))
        if alias in self.cast.accounts:
            raise InvalidInput(reason=f"{alias} has an account and needs no paper")
        performer = self.case.subject_person_id if alias == "subject" else None
        return PaperAct(
            performed_by=performer or self.cast.person(self.session, alias, self.now),
            acted_on=acted_on,
            document=str(table.get("document", "纸质材料")),
        )

    @property
    def pack(self) -> Pack:
        """Give the pack of the day."""
        return current_pack(self.session, local_date(self.now))

    def clock(self, rule: str) -> str:
        """Find a live clock by its rule as path#n."""
        for path, row in sorted(self.case.clocks.items()):
            if row.rule == rule:
                return f"{path}#{row.n}"
        raise NotFound(what="clock", key=rule)


def _organisation(
    code: str, name: str, kind: str, level: int, parent_id: str | None, path: str
) -> Organisation:
    return Organisation(
        id=new_id("o"), code=code, name=name, kind=kind, level=level, parent_id=parent_id, path=path
    )
