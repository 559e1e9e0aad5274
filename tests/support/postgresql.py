"""A PostgreSQL cluster of our own, made from the system's binaries."""

import getpass
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.databases import OWNER, ROLE, make_schema

OLDEST_VERSION = 15
START_SECONDS = 60
SUPERUSER = "cluster_owner"
TEMPLATE = "template_duban"
# The server lives as long as the pipe from the tests: it ends, and its files go, even
# where the tests are killed.
KEEPER = 'f=$1; shift; exec 3<&0; "$@" </dev/null & read _ <&3; kill -INT $!; wait $!; rm -rf "$f"'
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class WrongClusterError(Exception):
    """A connection that should reach our own cluster reaches another one."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; reached through its socket only, which lies in ``folder``."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def data_folder(self) -> Path:
        """Where the cluster keeps its files."""
        return self.folder / "data"

    def url(self, database: str, role: str = ROLE) -> str:
        """Give the address that SQLAlchemy opens as an ordinary role."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def create_database(self, name: str, template: str = "template0", owner: str = ROLE) -> str:
        """Make a database, empty or as a copy of another, and give its owner's address."""
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(
            sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template)
        )
        with self.administer() as connection:
            connection.execute(statement)
        return self.url(name, owner)

    def create_template(self) -> None:
        """Make the database with Duban's schema that tests copy: the owner's, for the role."""
        make_schema(self.create_database(TEMPLATE, owner=OWNER), ROLE)

    def copy_template(self, name: str, template: str = TEMPLATE) -> str:
        """Copy a database with the schema, and give its address for the application's role.

        Rights on a database are not copied with it; those on what is in it are.
        """
        self.create_database(name, template=template, owner=OWNER)
        with psycopg.connect(
            host=str(self.folder), user=OWNER, dbname=name, autocommit=True
        ) as connection:
            revoke = sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC")
            connection.execute(revoke.format(sql.Identifier(name)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is still connected to it."""
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        with self.administer() as connection:
            connection.execute(statement)

    @contextmanager
    def administer(self) -> Iterator[psycopg.Connection]:
        """Connect as superuser, having made sure that this is our own cluster."""
        with psycopg.connect(
            host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            if row is None or Path(row[0]) != self.data_folder:
                raise WrongClusterError(f"{row} is not {self.data_folder}")
            yield connection


def find_binaries() -> Path | None:
    """Find the folder of the newest initdb that is new enough."""
    folders = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    folders += Path("/usr").glob("pgsql-*/bin")
    versions = {_major_version(folder): folder for folder in folders}
    newest = max(versions, default=0)
    return versions[newest] if newest >= OLDEST_VERSION else None


@contextmanager
def run_cluster(binaries: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Run a cluster in a temporary folder, as an unprivileged user where we are root.

    Args:
        binaries: The folder of initdb and postgres.
        durable: Keep the settings that survive a crash; tests about crashes and
            measurements need them, all others are faster without.
    """
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="duban-pg-")).resolve()
    shutil.chown(folder, user)
    try:
        _initialise(binaries, folder, user)
        settings = ["listen_addresses=", f"unix_socket_directories={folder}"]
        settings += [] if durable else UNSAFE_BUT_FAST
        command = [str(binaries / "postgres"), "-D", str(folder / "data")]
        command += [part for setting in settings for part in ("-c", setting)]
        kept = ["/bin/sh", "-c", KEEPER, "keeper", str(folder), *command]
        with (folder / "log").open("wb") as log:
            process = _start(kept, user, stdin=subprocess.PIPE, stdout=log, stderr=log)
        cluster = Cluster(folder, process)
        try:
            _wait_until_ready(cluster)
            yield cluster
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(binaries: Path, folder: Path, user: str) -> None:
    command = [str(binaries / "initdb"), "--no-locale", "--encoding=UTF8", "--no-sync"]
    command += ["--auth=trust", f"--username={SUPERUSER}", "-D", str(folder / "data")]
    process = _start(command, user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(output.decode(errors="replace"))


def _wait_until_ready(cluster: Cluster) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while True:
        try:
            with cluster.administer() as connection:
                for role in (OWNER, ROLE):
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        except psycopg.OperationalError:
            if cluster.process.poll() is not None or time.monotonic() > give_up_at:
                log = (cluster.folder / "log").read_text(errors="replace")
                raise RuntimeError(log) from None
            time.sleep(0.05)
        else:
            return


def _start(command: list[str], user: str, **streams: object) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches the tests and not their database.
    if os.getuid() != 0:
        return subprocess.Popen(command, start_new_session=True, cwd="/", **streams)  # type: ignore[call-overload,no-any-return]
    group = pwd.getpwnam(user).pw_gid
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        command, user=user, group=group, extra_groups=[], start_new_session=True, cwd="/", **streams
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _unprivileged_user() -> str:
    if os.getuid() != 0:
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _major_version(folder: Path) -> int:
    if not (folder / "initdb").is_file():
        return 0
    answer = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", answer.stdout)
    return int(found.group()) if found else 0
