"""Two roles on PostgreSQL: who works with the record is nobody who could rewrite it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.databases import OWNER, ROLE
from tests.support.postgresql import SUPERUSER, Cluster
from workflows.store.connection import open_engine
from workflows.store.database_roles import OwnerMissing, RoleTooPowerful, refuse_powerful_role
from workflows.store.guards import APPEND_ONLY
from workflows.store.opening import bring_up_to_date, make_database, open_installation
from workflows.store.schema import SchemaForOwner

_DUBAN = str(Path(sys.executable).with_name("duban"))


@pytest.fixture
def site(postgresql: Cluster) -> Iterator[tuple[str, str]]:
    """An installation with two roles, as `duban init` makes its tables."""
    owner_url = postgresql.create_database("two_roles", owner=OWNER)
    url = postgresql.url("two_roles")
    make_database(url, owner_url, is_real=True).dispose()
    yield url, owner_url
    postgresql.drop_database("two_roles")


def _say_installed(owner_url: str, mode: str) -> None:
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        connection.execute(
            "INSERT INTO installation (id, mode, house_id, title, created_at, "
            "clock_offset_seconds, last_seen_at) VALUES (1, %s, 'h', 't', now(), 0, now())",
            (mode,),
        )


@pytest.mark.postgresql
def test_an_installation_is_opened_as_the_application_only(site: tuple[str, str]) -> None:
    url, owner_url = site
    _say_installed(owner_url, "production")
    open_installation(url).dispose()
    with pytest.raises(RoleTooPowerful, match=f"role {OWNER} .*owns the database and .*tables"):
        open_installation(owner_url)


@pytest.mark.postgresql
def test_a_superuser_is_refused(site: tuple[str, str]) -> None:
    _say_installed(site[1], "production")
    with pytest.raises(RoleTooPowerful, match="is a superuser"):
        open_installation(site[1].replace(OWNER, SUPERUSER))


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "given, taken, said",
    [
        ("GRANT duban_owner TO duban", "REVOKE duban_owner FROM duban", "owns the database"),
        ("ALTER ROLE duban CREATEROLE", "ALTER ROLE duban NOCREATEROLE", "may make roles"),
        ("ALTER ROLE duban BYPASSRLS", "ALTER ROLE duban NOBYPASSRLS", "pass by row-level"),
        (
            "GRANT pg_write_all_data TO duban",
            "REVOKE pg_write_all_data FROM duban",
            "writes everywhere",
        ),
    ],
)
def test_a_role_that_could_become_the_owner_is_refused(
    site: tuple[str, str], postgresql: Cluster, given: str, taken: str, said: str
) -> None:
    engine = open_engine(site[0])
    refuse_powerful_role(engine)
    with postgresql.administer() as connection:
        connection.execute(given)
    try:
        with pytest.raises(RoleTooPowerful, match=said):
            refuse_powerful_role(engine)
    finally:
        with postgresql.administer() as connection:
            connection.execute(taken)
        engine.dispose()


@pytest.mark.postgresql
def test_rights_on_the_record_that_were_granted_later_are_noticed(site: tuple[str, str]) -> None:
    url, owner_url = site
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        connection.execute(f"GRANT DELETE ON journal_payload TO {ROLE}")
    engine = open_engine(url)
    with pytest.raises(RoleTooPowerful, match="may change journal_payload"):
        refuse_powerful_role(engine)
    engine.dispose()


@pytest.mark.postgresql
def test_a_real_installation_begins_with_two_roles(postgresql: Cluster) -> None:
    url = postgresql.create_database("one_role")
    try:
        for owner_url in (None, url):
            with pytest.raises(OwnerMissing, match=f"another than {ROLE}"):
                make_database(url, owner_url, is_real=True)
        make_database(url).dispose()
        _say_installed(url, "test")
        open_installation(url).dispose()
    finally:
        postgresql.drop_database("one_role")


@pytest.mark.postgresql
def test_an_older_schema_is_brought_up_to_date_by_its_owner_only(site: tuple[str, str]) -> None:
    url, owner_url = site
    _say_installed(owner_url, "production")
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection:
        connection.execute(f"REVOKE ALL ON matter FROM {ROLE}")
    engine = open_engine(url)
    with pytest.raises(SchemaForOwner, match="DUBAN_OWNER_DATABASE_URL"):
        bring_up_to_date(engine)
    bring_up_to_date(engine, owner_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM matter")).scalar_one() == 0
    engine.dispose()


@pytest.mark.postgresql
def test_a_restored_dump_is_guarded_as_before(
    site: tuple[str, str], postgresql: Cluster, postgresql_binaries: Path, tmp_path: Path
) -> None:
    _say_installed(site[1], "production")
    postgresql.create_database("restored", owner=OWNER)
    reached = [f"--host={postgresql.folder}", f"--username={OWNER}"]
    dump = [f"--file={tmp_path / 'duban.dump'}", "--enable-row-security", "--format=custom"]
    for program, *arguments in (
        ("pg_dump", *dump, "two_roles"),
        ("pg_restore", "--dbname=restored", str(tmp_path / "duban.dump")),
    ):
        subprocess.run([postgresql_binaries / program, *reached, *arguments], check=True)
    engine = open_installation(postgresql.url("restored"))
    for table in APPEND_ONLY:
        with engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    engine.dispose()
    postgresql.drop_database("restored")


@pytest.mark.postgresql
def test_serve_starts_as_the_application_and_refuses_as_the_owner(
    postgresql: Cluster, tmp_path: Path
) -> None:
    owner_url = postgresql.create_database("served", owner=OWNER)
    url = postgresql.url("served")
    kept = {**os.environ, "DUBAN_INSTANCE": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    both = {**kept, "DUBAN_DATABASE_URL": url, "DUBAN_OWNER_DATABASE_URL": owner_url}
    subprocess.run([_DUBAN, "init"], env=both, check=True, capture_output=True)
    command = [_DUBAN, "serve", "--port", "0"]
    alone = {**kept, "DUBAN_DATABASE_URL": url}
    with subprocess.Popen(command, env=alone, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        port = int(running.stdout.readline().rpartition("/ ")[0].rpartition(":")[2])
        asking = HTTPConnection("127.0.0.1", port, timeout=60)
        asking.request("GET", "/login")
        assert asking.getresponse().status == 200
        asking.close()
        running.terminate()
        assert running.wait(30) == 0
    as_owner = {**kept, "DUBAN_DATABASE_URL": owner_url}
    for words in (command, [_DUBAN, "scheduler"]):
        refused = subprocess.run(
            words, env=as_owner, check=False, capture_output=True, text=True, timeout=120
        )
        assert refused.returncode == 2
        assert "could rewrite the record" in refused.stderr
    postgresql.drop_database("served")
