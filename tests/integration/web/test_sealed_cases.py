"""A sealed case (L3): whoever it does not name gets the same pages with it and without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.support.attacked import Original, attacked
from tests.support.case_site import CaseSite
from tests.support.played import TODAY, Played
from tests.support.sealed import OPENER, open_sealed
from workflows.services.access import load_actor
from workflows.services.installation import clock_now
from workflows.services.journal import append_house
from workflows.services.secrecy.looking import LOOKED, Glance, Looked, keep_looks
from workflows.store.tables import Account, Case

# Who is cleared for persons and who is not, who watches, who leads, who runs the house.
OFFICERS = (
    *(f"here-{role}" for role in ("R01", "R03", "R04", "R06", "R10", "R16", "R22")),
    *("buzhang", "concerned", "town-R06"),
)
ADMINISTRATORS = ("xitong", "shenji")
# What every form carries of its own, the clock of a made-up world, which runs on, and how large
# the database is, which grows by whatever is written.
_OF_THE_MOMENT = re.compile(
    r"I[\w-]{20,}\.[\w-]+\.[\w-]+|(?<=datetime=\").*(?=</time>)|(?<=sqlite · )[\d.]+ MB"
)


@dataclass(frozen=True)
class Worlds:
    """The same world twice, one with a sealed case in it that stands beside the played one."""

    played: Played
    without: CaseSite
    with_one: CaseSite
    sealed: str


@pytest.fixture(scope="module")
def worlds(played: Original, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    with ExitStack() as stack:
        sites = [
            stack.enter_context(attacked(played, tmp_path_factory.mktemp("w"))).site for _ in "ab"
        ]
        look_at(sites[0], None)
        sealed = _open(sites[1], played.world.organisation_case)
        look_at(sites[1], sealed)
        yield Worlds(played.world, *sites, sealed)


_OWN = re.compile("csrf_token|error-code|print-only|<td><code>")


def _open(site: CaseSite, case_id: str) -> str:
    with site.session() as session:
        return open_sealed(session, case_id)


def look_at(site: CaseSite, case_id: str | None) -> None:
    """Look at a sealed case; where there is none, leave the house a record more as well."""
    with site.session() as session:
        account = session.scalars(select(Account).where(Account.username == OPENER)).one()
        actor, now = load_actor(session, account.id, TODAY), clock_now(session)
        if case_id is None:
            append_house(session, actor, now, LOOKED, Looked.CASE.value, form={})
        else:
            keep_looks(session, actor, now, [Glance(Looked.CASE, case_id)])


def addresses(played: Played, organisation: str, reader: str) -> tuple[str, ...]:
    """Give the pages of somebody on which a case of the matter could be told or counted."""
    if reader in ADMINISTRATORS:
        return (
            *("/audit/", "/audit/journal", "/audit/deviations", "/administration/"),
            *("/packs/", "/migrations/", "/staff/", "/exports/"),
        )
    case = f"/cases/{played.organisation_case}"
    return (
        *("/home", "/worklist/?whose=all", f"/matters/{played.matter}", "/packs/"),
        *("/organisations/", f"/organisations/{organisation}", "/recusals/"),
        *(case, f"{case}/why", f"/cases/{played.person_case}"),
        f"/organisations/{organisation}/inspection-report",
    )


def _photograph(site: CaseSite, reader: str, pages: tuple[str, ...]) -> dict[str, list[str]]:
    officer = site.officer(reader)
    answers = {page: officer.client.get(page, follow_redirects=True) for page in pages}
    return {page: _lines(got) for page, got in answers.items()}


def _lines(answer: TestResponse) -> list[str]:
    text = _OF_THE_MOMENT.sub("", answer.text)
    return [answer.status, *(line for line in text.splitlines() if not _OWN.search(line))]


def _organisation(site: CaseSite, case_id: str) -> str:
    with site.session() as session:
        return session.get_one(Case, case_id).subject_organisation_id


@pytest.mark.parametrize("reader", [*OFFICERS, *ADMINISTRATORS])
def test_no_page_tells_whether_there_is_a_sealed_case(worlds: Worlds, reader: str) -> None:
    played = worlds.played
    pages = addresses(played, _organisation(worlds.without, played.organisation_case), reader)
    without = _photograph(worlds.without, reader, pages)
    with_one = _photograph(worlds.with_one, reader, pages)
    assert any(lines[0] == "200 OK" for lines in without.values())
    for page in pages:
        assert with_one[page] == without[page], page
    hidden = worlds.with_one.officer(reader).open(f"/cases/{worlds.sealed}")
    unknown = worlds.with_one.officer(reader).open("/cases/c_" + "a" * 26)
    assert (hidden.status, hidden.heading) == (unknown.status, unknown.heading)
