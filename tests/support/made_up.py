"""Made-up installations for tests of imports, commands and the demo."""

from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter
from sqlalchemy.orm import Session

from workflows.audit.commitment import new_subject_key
from workflows.domain.demo_world import TITLE
from workflows.services.demo.world import build_world
from workflows.services.installation import init_installation
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.scope import SystemScope, set_scope

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def install(session: Session, key: bytes | None = None) -> Session:
    """Make an installation in the session's empty database."""
    session.info.update(Vault(key or new_subject_key()).session_marks())
    set_scope(session, SystemScope("test"))
    init_installation(session, NOW, "test", TITLE, shipped_pack_dir())
    return session


def install_world(session: Session, key: bytes | None = None) -> Session:
    """Make an installation with the made-up league, its people and accounts."""
    install(session, key)
    build_world(session, NOW, "not used by anybody")
    return session


def write_xlsx(file: Path, *sheets: list[list[object]]) -> Path:
    """Write a workbook of plain cells."""
    with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False}) as book:
        for number, rows in enumerate(sheets, start=1):
            sheet = book.add_worksheet(f"表{number}")
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return file
