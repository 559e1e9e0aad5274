"""Writes the first revision anew from the tables; until the first release only.

Run `python -m tests.support.initial_revision` when the tables changed. Once a release is
out, its schema stands and a change of the tables gets a revision of its own.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from sqlalchemy import create_engine

from workflows.store.base import UtcDateTime
from workflows.store.tables import Base

FILE = Path("workflows/store/migrations/versions/r0001_initial.py")
LONGEST = 25
HEAD = '''"""The schema of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

from workflows.store.guards import guard_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
'''


def rendered() -> str:
    """Give the revision that makes today's tables."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        options = {"render_item": _render, "target_metadata": Base.metadata}
        context = MigrationContext.configure(connection, opts=options)
        script: MigrationScript = produce_migrations(context, Base.metadata)
        body = render_python_code(
            script.upgrade_ops_list[0], render_item=_render, migration_context=context
        )
    engine.dispose()
    lines = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
    return HEAD + "\n\n".join(_functions(lines))


def _functions(lines: list[str]) -> Iterator[str]:
    """Cut the statements into functions that can be read."""
    parts: list[list[str]] = [[]]
    statements = 0
    for line in lines:
        statements += line.startswith("    op.")
        if statements > LONGEST:
            parts.append([])
            statements = 1
        parts[-1].append(line)
    calls = "".join(f"    _make_part_{number}()\n" for number in range(1, len(parts) + 1))
    upgrade = 'def upgrade() -> None:\n    """Make all tables, and the guards of the journal."""\n'
    yield f"\n{upgrade}{calls}    guard_tables(op.get_bind())\n"
    for number, part in enumerate(parts, start=1):
        yield f"def _make_part_{number}() -> None:\n" + "\n".join(part) + "\n"


def _render(kind: str, what: Any, _: Any) -> str | bool:
    if kind == "type" and isinstance(what, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


if __name__ == "__main__":
    FILE.write_text(rendered(), "utf-8")
    for step in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, str(FILE)], check=True)
