"""The two roles of an installation on PostgreSQL (AUDIT.md, Append-only).

One owns the tables and is used to make and migrate them only. The other is the
application's: it adds to the record and reads it, has ordinary rights on the other
tables, and can neither change the schema nor become the first.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Connection, Engine, text

from workflows.domain.errors import DubanError
from workflows.store.base import Base
from workflows.store.guards import APPEND_ONLY

# Roles of PostgreSQL itself whose members can do what row-level security and grants refuse.
_DANGEROUS = ("pg_write_all_data", "pg_write_server_files", "pg_execute_server_program")
_POWERS = text(
    "SELECT session_user::text, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolreplication, "
    "  pg_has_role(session_user, d.datdba, 'MEMBER'), "
    "  pg_has_role(session_user, n.nspowner, 'MEMBER') "
    "    OR has_schema_privilege(session_user, n.oid, 'CREATE'), "
    "  (SELECT bool_or(pg_has_role(session_user, g.oid, 'MEMBER')) FROM pg_roles g "
    "    WHERE g.rolname = ANY(:dangerous)), "
    "  (SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FROM pg_class c "
    "    WHERE c.relnamespace = n.oid AND c.relname = ANY(:tables) "
    "    AND (pg_has_role(session_user, c.relowner, 'MEMBER') "
    "      OR has_table_privilege(session_user, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))) "
    "FROM pg_roles r, pg_database d, pg_namespace n "
    "WHERE r.rolname = session_user AND d.datname = current_database() "
    "AND n.nspname = current_schema()"
)
_SENTENCES = (
    "is a superuser",
    "may pass by row-level security",
    "may make roles, and so join the owner's",
    "may replicate",
    "owns the database",
    "may make or drop tables",
    "belongs to a role that writes everywhere",
)


class RoleTooPowerful(DubanError):
    """The role {role} could rewrite the record (it {power}): DUBAN_DATABASE_URL needs another."""

    code: ClassVar[str] = "role_too_powerful"


class OwnerMissing(DubanError):
    """DUBAN_OWNER_DATABASE_URL must name a role that owns the database, another than {role}."""

    code: ClassVar[str] = "owner_missing"


def refuse_powerful_role(engine: Engine) -> None:
    """Make sure that an engine's role can only add to the record; SQLite has no roles.

    Raises:
        RoleTooPowerful: It owns the record, or could change or remove what stands in it.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        asked = {"dangerous": list(_DANGEROUS), "tables": list(APPEND_ONLY)}
        role, *powers, tables = connection.execute(_POWERS, asked).one()
    held = [say for say, has_power in zip(_SENTENCES, powers, strict=True) if has_power]
    held += [f"owns or may change {tables}"] if tables else []
    if held:
        raise RoleTooPowerful(role=role, power=" and ".join(held))


def role_of(engine: Engine) -> str:
    """Give the name of the role that an engine on PostgreSQL logs in as."""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT session_user::text")).scalar_one())


def grant_rights(connection: Connection, role: str) -> None:
    """Give the application's role the rights that it needs, and no other; run as the owner."""
    quote = connection.dialect.identifier_preparer.quote
    to = quote(role)
    database = quote(connection.execute(text("SELECT current_database()")).scalar_one())
    schema = quote(connection.execute(text("SELECT current_schema()")).scalar_one())
    statements = [
        # A temporary table would hide one of ours from whoever made it.
        f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {to}",
        f"GRANT CONNECT ON DATABASE {database} TO {to}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {to}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        f"GRANT SELECT ON alembic_version TO {to}",
        *(
            f"GRANT {_rights(name)} ON {quote(name)} TO {to}"
            for name in sorted(Base.metadata.tables)
        ),
    ]
    for statement in statements:
        connection.execute(text(statement))


def _rights(table: str) -> str:
    return "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
