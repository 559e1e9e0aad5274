"""Files that come with an act: kept once, known by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain import records
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.file_kinds import contradicts
from workflows.domain.roles import CASE_ROLES, Actor
from workflows.services.secrecy.informant_guard import guard_texts
from workflows.store.tables import Attachment, Case

MOST_BYTES = 20 * 1024 * 1024
_LONGEST_NAME = 200


class FileTooLarge(InvalidInput):
    """The file {name} has more than {megabytes} MB."""

    code: ClassVar[str] = "file_too_large"


class FileEmpty(InvalidInput):
    """The file {name} is empty."""

    code: ClassVar[str] = "file_empty"


class FileContradicts(InvalidInput):
    """The file {name} is not what the ending of its name says, or is a program."""

    code: ClassVar[str] = "file_contradicts"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it arrived, with its text as far as it was read."""

    name: str
    content: bytes
    text: str = ""


def keep_files(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    files: Iterable[Upload],
    level: str,
) -> tuple[records.Attachment, ...]:
    """Keep files of a case, and give what its record says of them.

    ``level`` is how confidential the form is that they came with.

    Raises:
        NotFound: There is no such case in the session's scope.
        FileTooLarge, FileEmpty, FileContradicts: One of them cannot be kept.
    """
    uploads = tuple(files)
    if not uploads:
        return ()
    place = select(Case.org_path, Case.matter_id).where(Case.id == case_id)
    found = session.execute(place).one_or_none()
    if found is None:
        raise NotFound(what="case", key=case_id)
    org_path, matter_id = found
    texts = [text for each in uploads for text in (each.name, each.text)]
    role = actor.serves(CASE_ROLES, org_path)
    guard_texts(session, actor, now, role, matter_id, case_id, None, texts)
    return tuple(_keep(session, actor, now, case_id, org_path, upload, level) for upload in uploads)


def described(files: Iterable[Upload]) -> tuple[records.Attachment, ...]:
    """Say of files what a record says of them.

    Raises:
        FileTooLarge, FileEmpty, FileContradicts: One of them cannot be kept.
    """
    return tuple(_described(upload) for upload in files)


def _described(upload: Upload) -> records.Attachment:
    name = plain_name(upload.name)
    if not upload.content:
        raise FileEmpty(name=name)
    if len(upload.content) > MOST_BYTES:
        raise FileTooLarge(name=name, megabytes=MOST_BYTES // 1024 // 1024)
    if contradicts(name, upload.content):
        raise FileContradicts(name=name)
    digest = hashlib.sha256(upload.content).hexdigest()
    return records.Attachment(name, digest, len(upload.content))


def plain_name(name: str) -> str:
    """Give a file's own name without folders and without signs that nobody sees."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-_LONGEST_NAME:] or "file"


def _keep(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    org_path: str,
    upload: Upload,
    level: str,
) -> records.Attachment:
    kept = _described(upload)
    session.add(
        Attachment(
            case_id=case_id,
            org_path=org_path,
            name=kept.name,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            level=level,
            content=upload.content,
            uploaded_by=actor.account_id,
            uploaded_at=now,
        )
    )
    session.flush()
    return kept


def kept_file(session: Session, case_id: str, file_id: int) -> Attachment:
    """Give a kept file of a case that the session's scope shows.

    Raises:
        NotFound: There is none.
    """
    statement = (
        select(Attachment)
        .join(Case, Case.id == Attachment.case_id)
        .where(Attachment.id == file_id, Attachment.case_id == case_id)
    )
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound(what="file", key=str(file_id))
    return found
