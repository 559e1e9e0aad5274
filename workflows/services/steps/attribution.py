"""What a form may say of somebody's post and duty: only what the register holds (DOMAIN 1.2, 8.3).

A form of a case about a person may let choose a post that he held and a duty that bound it.
What is chosen is written as a text, so that the record says it by itself whatever becomes of
the register. The period of the facts must lie within that post, and the duty have been in force.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.steps import FactValue
from workflows.domain.written_days import day_zh
from workflows.engine.form_errors import FieldError, FieldProblem
from workflows.engine.forms import FormField, FormSchema
from workflows.queries.organisations.posts import post_at
from workflows.services.steps.forms import ValidationFailed
from workflows.store.tables import Duty, Organisation, Tenure

TENURE, DUTY = "tenure", "duty"
FROM_ON, UNTIL_ON = "facts_from_on", "facts_until_on"


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post that somebody held, from its first to its last day; without one he holds it still."""

    organisation_id: str
    place: str
    post: str
    from_on: date
    until_on: date | None

    @property
    def text(self) -> str:
        """Write it as forms and records do."""
        until = day_zh(self.until_on) if self.until_on else "今"
        return f"{post_at(self.place, self.post)}，{day_zh(self.from_on)}至{until}"


@dataclass(frozen=True, slots=True)
class ListedDuty:
    """A line of the responsibility list of a post, while it is in force."""

    organisation_id: str
    post: str
    content: str
    basis: str
    from_on: date
    until_on: date | None

    @property
    def text(self) -> str:
        """Write it as forms and records do, with its basis."""
        return f"{self.post}：{self.content}（{self.basis}）"

    def binds(self, post: HeldPost, from_on: date, until_on: date) -> bool:
        """Tell whether it bound a post on some day of a period."""
        is_of_post = (self.organisation_id, self.post) == (post.organisation_id, post.post)
        begins_in_time = self.from_on <= until_on
        return is_of_post and begins_in_time and (self.until_on is None or from_on <= self.until_on)


def held_posts(session: Session, person_id: str) -> tuple[HeldPost, ...]:
    """Give every post that somebody held, the newest first."""
    rows = session.execute(
        select(Tenure, Organisation.name)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(Tenure.person_id == person_id)
        .order_by(Tenure.from_on.desc(), Tenure.id)
    )
    return tuple(
        HeldPost(held.organisation_id, place, held.post, held.from_on, held.until_on)
        for held, place in rows
    )


def listed_duties(session: Session, posts: Collection[HeldPost]) -> tuple[ListedDuty, ...]:
    """Give the lines of the responsibility list for some posts, in the order of the list."""
    if not posts:
        return ()
    wanted = {(post.organisation_id, post.post) for post in posts}
    either = or_(*(Duty.organisation_id == place for place in {place for place, _ in wanted}))
    return tuple(
        ListedDuty(
            duty.organisation_id,
            duty.post,
            duty.content,
            duty.basis,
            duty.from_on,
            duty.until_on,
        )
        for duty in session.scalars(select(Duty).where(either).order_by(Duty.id))
        if (duty.organisation_id, duty.post) in wanted
    )


def offered_texts(session: Session, person_id: str) -> dict[str, tuple[str, ...]]:
    """Give what a form lets choose about somebody: his posts, and the duties of these posts."""
    posts = held_posts(session, person_id)
    duties = listed_duties(session, posts)
    return {
        TENURE: tuple(post.text for post in posts),
        DUTY: tuple(dict.fromkeys(duty.text for duty in duties)),
    }


def refuse_unheld(
    session: Session,
    schema: FormSchema | None,
    values: Mapping[str, FactValue],
    person_id: str | None,
    today: date,
) -> None:
    """Refuse a post that was not held, facts outside of it, and a duty that did not bind it.

    Raises:
        ValidationFailed: Naming the field, the rule and what to do.
    """
    field = _picking(schema, TENURE)
    if schema is None or field is None:
        return
    posts = held_posts(session, person_id) if person_id else ()
    held = next((post for post in posts if post.text == values.get(field.key)), None)
    if held is None:
        raise ValidationFailed(fields={field.key: _error(FieldProblem.POST_UNKNOWN, field)})
    period = _period(values)
    if period is None:
        return
    errors = _outside(schema, held, *period, today)
    duty = _picking(schema, DUTY)
    if not errors and duty is not None:
        bound = [each for each in listed_duties(session, posts) if each.binds(held, *period)]
        if values.get(duty.key) not in {each.text for each in bound}:
            errors[duty.key] = _error(FieldProblem.DUTY_NOT_LISTED, duty, held.post)
    if errors:
        raise ValidationFailed(fields=errors)


def _outside(
    schema: FormSchema, held: HeldPost, from_on: date, until_on: date, today: date
) -> dict[str, FieldError]:
    """Find days of the facts before the appointment, after the post was left, or to come."""
    first, last = schema.field(FROM_ON), schema.field(UNTIL_ON)
    errors: dict[str, FieldError] = {}
    if last is not None and until_on < from_on:
        errors[UNTIL_ON] = _error(FieldProblem.TOO_SMALL, last, from_on)
    elif last is not None and until_on > today:
        errors[UNTIL_ON] = _error(FieldProblem.STILL_TO_COME, last, today)
    elif last is not None and held.until_on is not None and until_on > held.until_on:
        errors[UNTIL_ON] = _error(FieldProblem.AFTER_POST, last, held.until_on)
    if first is not None and from_on < held.from_on:
        errors[FROM_ON] = _error(FieldProblem.BEFORE_POST, first, held.from_on)
    return errors


def _period(values: Mapping[str, Any]) -> tuple[date, date] | None:
    days = [values.get(FROM_ON), values.get(UNTIL_ON)]
    if not all(isinstance(day, str) for day in days):
        return None
    return date.fromisoformat(str(days[0])), date.fromisoformat(str(days[1]))


def _picking(schema: FormSchema | None, picker: str) -> FormField | None:
    fields = schema.fields if schema is not None else ()
    return next((each for each in fields if each.picker == picker), None)


def _error(problem: FieldProblem, field: FormField, limit: object = "") -> FieldError:
    return FieldError(problem, field.label, str(limit))
