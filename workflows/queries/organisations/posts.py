"""Which post somebody held on a day, for papers that name who acted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.store.tables import Account, Organisation, Tenure

_ACCOUNT, _PERSON = "u_", "p_"


@dataclass(frozen=True, slots=True)
class Held:
    """A post with its place, from when until when; without an end it is held still."""

    post: str
    from_on: date
    until_on: date | None

    def covers(self, on: date) -> bool:
        """Say whether it was held on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


class Posts:
    """The posts of some people, by the id of the person or of his account."""

    def __init__(self, held: Mapping[str, Collection[Held]]) -> None:
        """Keep them, for each id the newest first."""
        self._held = held

    def on(self, id_: str, day: date) -> str:
        """Name the post that somebody held on a day; empty where none is known."""
        return next((each.post for each in self._held.get(id_, ()) if each.covers(day)), "")


def posts_of(session: Session, ids: Collection[str]) -> Posts:
    """Read the posts of accounts and persons, as far as the session's scope shows them."""
    accounts = [each for each in ids if each.startswith(_ACCOUNT)]
    rows = session.execute(select(Account.id, Account.person_id).where(Account.id.in_(accounts)))
    behind = dict(rows.all())
    people = {each for each in (*ids, *filter(None, behind.values())) if each.startswith(_PERSON)}
    held: dict[str, list[Held]] = defaultdict(list)
    statement = (
        select(Tenure, Organisation.name)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(Tenure.person_id.in_(people))
        .order_by(Tenure.from_on.desc(), Tenure.id)
    )
    for tenure, place in session.execute(statement):
        held[tenure.person_id].append(
            Held(post_at(place, tenure.post), tenure.from_on, tenure.until_on)
        )
    own = {account: held[person] for account, person in behind.items() if person in held}
    return Posts({**held, **own})


def post_at(place: str, post: str) -> str:
    """Write a post with its place, without saying twice what both say: 某旗委组织部, 组织部部长."""
    shared = next(n for n in range(len(post), -1, -1) if place.endswith(post[:n]))
    return place + post[shared:]
