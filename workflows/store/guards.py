"""What makes the journal append-only in the database itself (AUDIT.md)."""

from __future__ import annotations

from sqlalchemy import Connection, text

_REFUSE = " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
_SQLITE_GUARDS = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}",
    # INSERT OR REPLACE slips past the other two.
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS "
    "(SELECT 1 FROM {table} WHERE stream_id = NEW.stream_id AND seq = NEW.seq)",
)


def guard_journal(connection: Connection) -> None:
    """Refuse UPDATE and DELETE, and INSERT over an existing key, on the journal (AUDIT.md)."""
    for table in ("journal_record", "journal_payload"):
        for statement in _guards(table, connection.dialect.name):
            connection.execute(text(statement))


def _guards(table: str, dialect: str) -> list[str]:
    if dialect == "postgresql":
        return [
            "CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION duban_append_only()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()",
        ]
    return [guard.replace("{table}", table) + _REFUSE for guard in _SQLITE_GUARDS]
