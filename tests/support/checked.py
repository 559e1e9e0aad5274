"""Packs of a few lines, checked whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.support.diagrams import pack_files
from workflows.engine import PackCheck, check_pack
from workflows.engine.loading import build_pack, read_files
from workflows.shipped import shipped_pack_dir

_OF_PERSONS = (
    "accountability",
    "inquiry",
    "deciding",
    "tolerance",
    "tolerance_examination",
    "admonishment",
    "adjustment",
    "appeal",
    "appeal_examination",
    "second_appeal",
    "second_examination",
    "own_correction",
    "re_examination",
    "restoration",
    "referral",
)

_BESIDE = re.compile(rb'(<duban:beside processes=")([^"]*)')


def field(key: str, kind: str = "number", **more: Any) -> dict[str, Any]:
    """Write a required field of a form."""
    return {"type": kind, "key": key, "label": "栏", "validate": {"required": True}} | more


def truth(key: str) -> dict[str, Any]:
    """Write a field that answers yes or no."""
    values = [{"value": "true", "label": "是"}, {"value": "false", "label": "否"}]
    return field(key, "radio", values=values)


def files_of(top: str, *fields: Mapping[str, Any], **more: bytes) -> dict[str, bytes]:
    """Make a pack of one process, with a form ``f``; ``x_toml`` stands for ``x.toml``."""
    files = pack_files(top=top)
    form = {"type": "default", "id": "f", "components": list(fields)}
    files["forms/f.json"] = json.dumps(form).encode()
    files["pack.toml"] = b'id = "t"\nversion = "1"\ntitle = "t"\nentry = "top"\n'
    return files | {name.replace("_", "."): content for name, content in more.items()}


def checked(top: str, *fields: Mapping[str, Any], **more: bytes) -> PackCheck:
    """Check such a pack."""
    return check_pack(build_pack(files_of(top, *fields, **more)))


def broken(result: PackCheck) -> list[tuple[str, str | None]]:
    """Give the rules that are broken, each with its element."""
    return [(each.finding.rule, each.finding.element) for each in result.broken]


def accountability_alone() -> dict[str, bytes]:
    """Give the shipped pack as if cases began with the accountability of a person.

    Guardrails that name what organisations' cases alone have are left out, and the documents.
    """
    files = read_files(shipped_pack_dir())
    entry = (b'entry = "ladder"', b'entry = "accountability"')
    files["pack.toml"] = files["pack.toml"].replace(*entry)
    kept = {f"{name}.bpmn" for name in _OF_PERSONS}
    files = {
        name: content
        for name, content in files.items()
        if name in kept or (not name.endswith(".bpmn") and not name.startswith("documents/"))
    }
    files = {name: _BESIDE.sub(_kept_processes, content) for name, content in files.items()}
    return files | {"guardrails.toml": _guardrails_of(files)}


def _kept_processes(found: re.Match[bytes]) -> bytes:
    kept = [name for name in found[2].split() if name.decode() in _OF_PERSONS]
    return found[1] + b" ".join(kept)


def _guardrails_of(files: Mapping[str, bytes]) -> bytes:
    """Leave out names that are not there, and guardrails of which nothing is left."""
    diagrams = b"".join(content for name, content in files.items() if name.endswith(".bpmn"))
    kept: list[str] = []
    for table in re.split(r"(?m)^(?=\[)", files["guardrails.toml"].decode()):
        lists = dict(re.findall(r"(?m)^(activities|after|after_any|processes) = \[(.*)\]$", table))
        there = {
            key: [name for name in names.split(", ") if f"id={name}".encode() in diagrams]
            for key, names in lists.items()
        }
        if all(there.values()):
            text = table
            for key, names in there.items():
                text = text.replace(f"{key} = [{lists[key]}]", f"{key} = [{', '.join(names)}]")
            kept.append(text)
    return "".join(kept).encode()
