"""Check the files of a bundle that stand beside its records. Part of verify.py."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import BinaryIO

from workflows.audit.container import Container
from workflows.audit.lines import LineReader, encode_canonical
from workflows.audit.manifest import STATED_FILES
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject

_CALENDAR_KEYS = {"date", "region", "is_workday", "name", "status", "source"}


class HashDiffers(BundleError):
    """{file} is named after a hash that its content does not have."""

    code = "hash_differs"


@dataclass(frozen=True, slots=True)
class Known:
    """The hashes of what records may refer to."""

    packs: frozenset[str]
    markings: frozenset[str]
    calendars: frozenset[str]


def check_beside(container: Container, file: BinaryIO) -> Known:
    """Check the form of these files and the hashes that they are named after.

    Raises:
        LineBroken, HashDiffers: as named.
    """
    for name in (*STATED_FILES, "register.jsonl"):
        reader = LineReader(file, container.members[name])
        for _, line in reader:
            if type(line) is not dict:
                raise reader.broken("not an object")
    return Known(
        packs=_check_packs(container.manifest),
        markings=_check_markings(container, file),
        calendars=_check_calendars(container, file),
    )


def _check_packs(manifest: JsonObject) -> frozenset[str]:
    packs: dict[str, dict[str, str]] = {}
    for name, listed in manifest["files"].items():
        folder, _, rest = name.partition("/")
        if folder == "definitions":
            pack_hash, _, path = rest.partition("/")
            packs.setdefault(pack_hash, {})[path] = listed["sha256"]
        elif folder == "attachments" and rest != listed["sha256"]:
            raise HashDiffers(file=name)
    for pack_hash, hashes in packs.items():
        if hashlib.sha256(encode_canonical(hashes)).hexdigest() != pack_hash:
            raise HashDiffers(file=f"definitions/{pack_hash}")
    return frozenset(packs)


def _check_markings(container: Container, file: BinaryIO) -> frozenset[str]:
    found = set()
    reader = LineReader(file, container.members["markings.jsonl"])
    for _, line in reader:
        if type(line) is not dict or line.keys() != {"hash", "marking"}:
            raise reader.broken("not {hash, marking}")
        if hashlib.sha256(encode_canonical(line["marking"])).hexdigest() != line["hash"]:
            raise HashDiffers(file=f"markings.jsonl line {reader.number()}")
        found.add(line["hash"])
    return frozenset(found)


def _check_calendars(container: Container, file: BinaryIO) -> frozenset[str]:
    found = set()
    for name in sorted(container.members):
        if not name.startswith("calendars/"):
            continue
        version = name.removeprefix("calendars/").removesuffix(".jsonl")
        if container.manifest["files"][name]["sha256"] != version:
            raise HashDiffers(file=name)
        reader = LineReader(file, container.members[name])
        for _, line in reader:
            if type(line) is not dict or line.keys() != _CALENDAR_KEYS:
                raise reader.broken("not a calendar day")
        found.add(version)
    return frozenset(found)
