"""What the house says of the log in records of its own: directories and new epochs.

Part of verify.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workflows.audit.lines import encode_canonical
from workflows.audit.manifest import STATED_FILES
from workflows.audit.merkle import EMPTY_ROOT
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject, is_time

DIRECTORY_STATED = "directory_stated"
EPOCH_STARTED = "epoch_started"
STATEMENTS = frozenset((DIRECTORY_STATED, EPOCH_STARTED))


class DirectoryDiffers(BundleError):
    """{file} is not what a house record `directory_stated` of this bundle states."""

    code = "directory_differs"


@dataclass(frozen=True, slots=True)
class EpochStart:
    """A restart of the log after a restore, with the last checkpoint known before it.

    ``index`` is the leaf of the record that says so. The log went on from
    ``resumed_size`` leaves, so what it had held from there up to ``known_size`` was lost.
    Times are the journal's text.
    """

    index: int
    recorded_at: str
    resumed_size: int
    known_size: int
    known_at: str

    def has_lost(self, size: int) -> bool:
        """Tell whether a checkpoint of this size saw records that were lost."""
        return self.resumed_size < size <= self.known_size


@dataclass(frozen=True, slots=True)
class HouseStatement:
    """One record: the hashes of the files that it states, or the epoch that it starts."""

    name: str
    file_hashes: tuple[str, ...] = ()
    epoch: EpochStart | None = None


def statement_of(record: JsonObject, index: int, payload: JsonObject | None) -> HouseStatement:
    """Read what a house record states; without its payload that is nothing."""
    name = record["trigger"]["name"]
    if payload is None:
        return HouseStatement(name)
    form = payload["form"]
    if name == EPOCH_STARTED:
        return HouseStatement(name, epoch=_epoch_of(record, index, form))
    return HouseStatement(name, tuple(_file_hash(form, file) for file in STATED_FILES))


def check_directory(manifest: JsonObject, statements: Iterable[HouseStatement]) -> None:
    """Make sure that directory, grants and organisations are stated by the log itself.

    All three may also be empty.

    Raises:
        DirectoryDiffers: naming the first file that no record states.
    """
    found = tuple(manifest["files"][file]["sha256"] for file in STATED_FILES)
    empty = EMPTY_ROOT.hex()
    stated = {each.file_hashes for each in statements if each.file_hashes}
    if found in stated or all(digest == empty for digest in found):
        return
    for at, file in enumerate(STATED_FILES):
        if found[at] not in {hashes[at] for hashes in stated}:
            raise DirectoryDiffers(file=file)
    raise DirectoryDiffers(file=STATED_FILES[0])


def _file_hash(form: JsonObject, file: str) -> str:
    lines = form.get(file.removesuffix(".jsonl"), [])
    content = b"".join(encode_canonical(line) + b"\n" for line in _as_list(lines))
    return hashlib.sha256(content).hexdigest()


def _as_list(lines: Any) -> list[Any]:
    return lines if type(lines) is list else [lines]


def _epoch_of(record: JsonObject, index: int, form: JsonObject) -> EpochStart | None:
    known_size, resumed_size = _size_of(form.get("size")), _size_of(form.get("resumed_size"))
    known_at: Any = form.get("time")
    if known_size is None or resumed_size is None or not is_time(known_at):
        return None
    return EpochStart(index, record["recorded_at"], resumed_size, known_size, known_at)


def _size_of(text: Any) -> int | None:
    is_size = type(text) is str and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_size else None
