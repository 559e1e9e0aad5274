"""One made-up world for many tests: each works in a savepoint that is undone."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.orm import Session, sessionmaker

from tests.support.made_up import install_world
from workflows.audit.commitment import new_subject_key
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, open_memory
from workflows.store.schema import create_all
from workflows.store.scope import SystemScope, set_scope

KEY = new_subject_key()
numbers = itertools.count(1)


@contextmanager
def world_on(url: str) -> Iterator[Connection]:
    """Build the world on an empty database, in a transaction that is never committed."""
    engine = open_engine(url)
    with engine.connect() as connection:
        undone = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            install_world(session, KEY)
            session.commit()
        yield connection
        undone.rollback()
    engine.dispose()


@contextmanager
def memory_connection() -> Iterator[Connection]:
    """Open a database in memory with the schema, in a transaction that is never committed."""
    engine = open_memory()
    create_all(engine)
    with engine.connect() as connection:
        undone = connection.begin()
        yield connection
        undone.rollback()
    engine.dispose()


def undone_sessions(connection: Connection) -> sessionmaker[Session]:
    """Give sessions whose commits end a savepoint only."""
    return sessionmaker(
        connection,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
        info=Vault(KEY).session_marks(),
    )


@contextmanager
def session_in(connection: Connection) -> Iterator[Session]:
    """Work in the world and undo it."""
    undone = connection.begin_nested()
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        session.info.update(Vault(KEY).session_marks())
        set_scope(session, SystemScope("test"))
        yield session
    undone.rollback()
