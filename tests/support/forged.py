"""A bundle changed in many ways, by name: what each verifier must find, and find alike."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from tests.support.bundles import Files, dump, json_lines, pack_zip, relist, to_lines
from tests.support.journal import PACK_HASH

Change = Callable[[list[Any]], object]


def with_lines(files: Files, name: str, change: Change) -> Files:
    """Change the lines of a file and make the manifest agree with the file again."""
    lines = json_lines(files[name])
    change(lines)
    return relist(files | {name: to_lines(lines)})


def forged_bundles(bundle: bytes, files: Files) -> Iterator[tuple[str, bytes]]:
    """Give forgeries by name."""
    yield from _in_the_zip(bundle, files)
    for name, changed in (*_in_the_files(files), *_in_the_records(files), *_beside(files)):
        yield name, pack_zip(changed)


def _in_the_zip(bundle: bytes, files: Files) -> Iterator[tuple[str, bytes]]:
    yield "empty", b""
    yield "no zip", b"PK" * 1000
    yield "bytes before", b"MZ" + bundle
    yield "bytes after", bundle + b"\0"
    yield "cut", bundle[:-1]
    yield "bytes between", bundle[:200] + b"x" + bundle[200:]
    yield "header byte", bundle[:10] + bytes((bundle[10] ^ 1,)) + bundle[11:]
    crc = bundle[14:18]
    yield "checksum", bundle.replace(crc, struct.pack("<I", struct.unpack("<I", crc)[0] ^ 1))
    yield "edited in place", bundle.replace(b'"rung":2', b'"rung":3', 1)
    yield "file only in the zip", pack_zip(files | {f"attachments/{'a' * 64}": b"x"})
    without = dict(files)
    del without["register.jsonl"]
    yield "file only in the manifest", pack_zip(without)
    yield "file in neither", pack_zip(relist(without))


def _in_the_files(files: Files) -> Iterator[tuple[str, Files]]:
    for name in ("nodes.txt", "../escape", "definitions/x", f"definitions/{'0' * 64}/../x"):
        yield f"file {name}", relist(files | {name: b""})
    for value in ("duban-bundle/9", None, 0, "__proto__"):
        yield f"format {value}", relist(files, lambda found, v=value: found.update(format=v))
    yield "manifest with a key more", relist(files, lambda found: found.update(extra="x"))
    yield "manifest without a key", relist(files, lambda found: found.pop("origin"))
    yield "recipient of spaces", relist(files, lambda found: found.update(recipient=" \x1f"))
    yield "head left out", relist(files, lambda found: found["streams"].popitem())
    original = files["records.jsonl"]
    for name, forged in (
        ("space", original.replace(b'"about":null,', b'"about": null,', 1)),
        ("float", original.replace(b'"v":1', b'"v":1.0', 1)),
        ("exponent", original.replace(b'"v":1', b'"v":1e0', 1)),
        ("minus zero", original.replace(b'"v":1', b'"v":-0', 1)),
        ("half", original.replace(b'"v":1', b'"v":1.5', 1)),
        ("large integer", original.replace(b'"v":1', b'"v":9007199254740992', 1)),
        ("key twice", original.replace(b'"v":1', b'"v":1,"v":1', 1)),
        ("no line end", original[:-1]),
        ("not UTF-8", original.replace(b"office", b"\xff\xfe", 1)),
        ("byte order mark", b"\xef\xbb\xbf" + original),
        ("half a surrogate", original.replace(b'"case"', b'"\\ud800"', 1)),
        ("escaped letter", original.replace(b'"case"', b'"\\u0063ase"', 1)),
        ("nested", b"[" * 100_000 + b"\n"),
        ("empty line", b"\n" + original),
        ("NaN", original.replace(b'"v":1', b'"v":NaN', 1)),
    ):
        yield f"line with {name}", relist(files | {"records.jsonl": forged})
    for value in ([], "x", 3, None, {"id": 5}, {"__proto__": 1}):
        files_of_lines = ("records.jsonl", "payloads.jsonl", "state.jsonl", "markings.jsonl")
        others = () if isinstance(value, dict) else ("directory.jsonl",)
        for name in (*files_of_lines, *others):
            changed = files | {name: to_lines([value]) + files[name]}
            yield f"{name} with {value}", relist(changed)


def _in_the_records(files: Files) -> Iterator[tuple[str, Files]]:
    def of(name: str, change: Change) -> tuple[str, Files]:
        return name, with_lines(files, "records.jsonl", change)

    def first(lines: list[Any], kind: str) -> Any:
        return next(line for line in lines if line["kind"] == kind)

    yield of("edited", lambda lines: first(lines, "clock_fired").update(role="auditor"))
    yield of("edited last", lambda lines: first(lines, "corrected").update(role="auditor"))
    yield of("deleted", lambda lines: lines.pop(2))
    yield of("swapped", lambda lines: lines.insert(2, lines.pop(3)))
    yield of(
        "streams reversed", lambda lines: lines.sort(key=lambda line: line["id"], reverse=True)
    )
    yield of("unknown kind", lambda lines: lines[1].update(kind="praised"))
    yield of("record with a key more", lambda lines: lines[0].update(note="x"))
    yield of(
        "30 February", lambda lines: lines[0].update(recorded_at="2026-02-30T00:00:00.000000Z")
    )
    for key, value in (
        ("recorded_at", "2026-02-01T00:00:00.000000Z"),
        ("from", None),
        ("to", "0" * 64),
        ("definition", f"{'0' * 64}/ladder"),
        ("calendar", "0" * 64),
        ("kind", "withdrawn"),
    ):
        lines = json_lines(files["records.jsonl"])
        lines[3][key] = value
        if key == "kind":
            lines[3]["about"] = {"id": lines[3]["id"], "seq": 1}
        yield f"{key} forged and all hashed again", _hashed_again(files, lines)


def _hashed_again(files: Files, lines: list[Any]) -> Files:
    """Make chains and heads hold again, as a forger without a key can."""
    heads: dict[str, dict[str, Any]] = {}
    for record in lines:
        before = heads.get(record["id"], {"last": 0, "head": "0" * 64})
        record["seq"], record["prev"] = before["last"] + 1, before["head"]
        head = sha256(dump(record)).hexdigest()
        heads[record["id"]] = {"last": record["seq"], "head": head}
    changed = files | {"records.jsonl": to_lines(lines)}
    return relist(changed, lambda manifest: manifest.update(streams=heads))


def _beside(files: Files) -> Iterator[tuple[str, Files]]:
    def of(name: str, file: str, change: Change) -> tuple[str, Files]:
        return name, with_lines(files, file, change)

    def swap(lines: list[Any]) -> None:
        for key in ("payload", "salt"):
            lines[0][key], lines[1][key] = lines[1][key], lines[0][key]

    payloads, states = "payloads.jsonl", "state.jsonl"
    yield of("payload edited", payloads, lambda lines: lines[1]["payload"].update(reason="甲"))
    yield of("payloads swapped", payloads, swap)
    yield of("salt forged", payloads, lambda lines: lines[0].update(salt="00" * 16))
    yield of("payload left out", payloads, lambda lines: lines.pop(2))
    yield of("payload too many", payloads, lambda lines: lines.append(lines[-1] | {"seq": 99}))
    yield of("payload with a key more", payloads, lambda lines: lines[0]["payload"].update(x=1))
    place = json_lines(files[payloads])[0]
    for reason in ("保密", " "):
        entry = {"id": place["id"], "seq": place["seq"], "reason": reason, "by": "office"}
        changed = relist(files, lambda manifest, e=entry: manifest.update(withheld=[e]))
        yield f"withheld for {reason!r}", changed
    for key, value in (
        ("ended", True), ("ended", 0), ("marking", None), ("seq", 5), ("tasks", []), ("clocks", []),
    ):  # fmt: skip
        yield of(
            f"state {key} {value}", states, lambda lines, k=key, v=value: lines[0].update({k: v})
        )
    yield of("fact edited", states, lambda lines: lines[1]["facts"].update(score=1))
    yield of("fact true for 1", states, lambda lines: lines[1]["facts"].update(open=1))
    yield of("fact too many", states, lambda lines: lines[1]["facts"].update(__proto__=1))
    yield of("state left out", states, lambda lines: lines.pop())
    yield of("state too many", states, lambda lines: lines.append({"id": "z"}))
    yield (
        "definition edited",
        relist(files | {f"definitions/{PACK_HASH}/parameters.toml": b"R_PLAN = 150\n"}),
    )
    kept = {name: files[name] for name in files if not name.startswith("definitions/")}
    yield "definition left out", relist(kept)
    calendar = next(name for name in files if name.startswith("calendars/"))
    changed = files[calendar].replace(b'"is_workday":false', b'"is_workday":true', 1)
    yield "calendar edited", relist(files | {calendar: changed})
    yield of("marking edited", "markings.jsonl", lambda lines: lines[0].update(marking=["x"]))
