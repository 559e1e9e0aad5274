"""The played world with one browser for each attacker, and copies of it for tests of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.case_site import CaseSite, open_case_site
from tests.support.played import TODAY, Played
from tests.support.web import token_in
from tests.support.writes import written_so_far

# Large, and no page writes them.
_FIXED = {"calendar_day", "pack_file"}
# What says that somebody looked: who may read leaves it behind, and nothing else.
_LOOKS = {"look", "journal_record", "journal_payload", "stream_head"}


@dataclass(frozen=True)
class Attack:
    """The site with one browser for each attacker, and what there is to attack."""

    site: CaseSite
    world: Played

    def version(self, *, but_looks: bool = False) -> object:
        """Give what changes with every row that is written."""
        but = _FIXED | _LOOKS if but_looks else _FIXED
        with self.site.session() as session:
            return written_so_far(session.connection(), but=but)


@dataclass(frozen=True)
class Original:
    """A world that was played once, and how to copy its database."""

    folder: Path
    world: Played
    copy: Callable[[Path], str]


@contextmanager
def attacked(original: Original, folder: Path) -> Iterator[Attack]:
    """Open the pages on a copy of a played world, on the Monday on which it ends."""
    if original.folder != folder:
        shutil.copy(original.folder / "master.key", folder / "master.key")
    with open_case_site(folder, original.copy(folder), is_built=True) as site:
        site.at(TODAY.isoformat(), 12)
        yield Attack(site, original.world)


def browser(attack: Attack, username: str) -> FlaskClient:
    """Open a browser in which somebody is logged in."""
    return attack.site.officer(username).client


def send(client: FlaskClient, address: str, **values: Any) -> TestResponse:
    """Send a form with a good token."""
    token = client.environ_base.get("duban.token")
    if token is None:
        page = client.get("/account")
        if page.status_code != 200:
            page = client.get("/login")
        token = client.environ_base["duban.token"] = token_in(page)
    return client.post(address, data={"csrf_token": token, **values})
