"""A bundle changed in many ways, by name: what each verifier must find, and find alike."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.support.bundles import (
    Files,
    dump,
    json_lines,
    pack_zip,
    read_bundle,
    relist,
    to_lines,
)
from tests.support.journal import PACK_HASH
from workflows.audit.canonical import canonical
from workflows.audit.commitment import commitment

Change = Callable[[list[Any]], object]
Seal = Callable[..., Files]
Named = Iterator[tuple[str, Files]]


@dataclass(frozen=True, slots=True)
class Forger:
    """Changes a bundle; ``seal`` makes the manifest agree with the files again.

    A forger without the key has ``relist_unsigned``, the exporter himself ``relist``.
    """

    bundle: bytes
    files: Files
    seal: Seal

    @classmethod
    def of(cls, path: Path, seal: Seal = relist) -> Forger:
        """Take a bundle to change, with as little as may be of what nobody looks into."""
        files = read_bundle(path)
        short = {name: b"x" for name in ("viewer.html", "verify.py") if name in files}
        files = seal(files | short)
        return cls(pack_zip(files), files, seal)

    def forgeries(self) -> Iterator[tuple[str, bytes]]:
        """Give forgeries of any format by name."""
        yield from _in_the_zip(self.bundle, self.files)
        for made in (_in_the_files, _in_the_records, corrected_forgeries, _beside):
            for name, changed in made(self):
                yield name, pack_zip(changed)

    def forgeries_of_the_log(self) -> Iterator[tuple[str, bytes]]:
        """Give forgeries of signature, nodes, positions and checkpoints by name."""
        for made in (_in_the_log, _in_the_notes, _in_the_manifest):
            for name, changed in made(self):
                yield name, pack_zip(changed)

    def forgeries_of_fields(self) -> Iterator[tuple[str, bytes]]:
        """Give forgeries of closed values by name; the bundle must have some."""
        for name, changed in _in_the_fields(self):
            yield name, pack_zip(changed)

    def with_lines(self, name: str, change: Change) -> Files:
        """Change the lines of a file and make the manifest agree with the file again."""
        lines = json_lines(self.files[name])
        change(lines)
        return self.seal(self.files | {name: to_lines(lines)})


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
    without = {name: files[name] for name in files if name != "register.jsonl"}
    yield "file only in the manifest", pack_zip(without)


def _in_the_files(forger: Forger) -> Named:
    files, seal = forger.files, forger.seal
    without = {name: files[name] for name in files if name != "register.jsonl"}
    yield "file in neither", seal(without)
    for name in ("nodes.txt", "../escape", "definitions/x", f"definitions/{'0' * 64}/../x"):
        yield f"file {name}", seal(files | {name: b""})
    for value in ("duban-bundle/9", None, 0, "__proto__"):
        yield f"format {value}", seal(files, lambda found, v=value: found.update(format=v))
    yield "manifest with a key more", seal(files, lambda found: found.update(extra="x"))
    yield "manifest without a key", seal(files, lambda found: found.pop("origin"))
    yield "recipient of spaces", seal(files, lambda found: found.update(recipient=" \x1f"))
    yield "head left out", seal(files, lambda found: found["streams"].popitem())
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
        ("key not ASCII", '{"键":1}\n'.encode() + original),
        ("key not ASCII within", '{"a":["é",{"a\\"é":1}]}\n'.encode() + original),
    ):
        yield f"line with {name}", seal(files | {"records.jsonl": forged})
    for value in ([], "x", 3, None, {"id": 5}, {"__proto__": 1}):
        files_of_lines = ("records.jsonl", "payloads.jsonl", "state.jsonl", "markings.jsonl")
        others = () if isinstance(value, dict) else ("directory.jsonl",)
        for name in (*files_of_lines, *others):
            changed = files | {name: to_lines([value]) + files[name]}
            yield f"{name} with {value}", seal(changed)


def _in_the_records(forger: Forger) -> Named:
    files = forger.files

    def of(name: str, change: Change) -> tuple[str, Files]:
        return name, forger.with_lines("records.jsonl", change)

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
        yield f"{key} forged and all hashed again", _hashed_again(forger, lines)


def corrected_forgeries(forger: Forger) -> Named:
    """Forge the record of a correction and hash all again: what it says must still fit."""
    for name, changed in (
        ("moves the marking", {"to": "0" * 64}),
        ("ends the case", {"effects": {"ended": True}}),
        ("closes a task", {"effects": {"closed": ["intake/verify#1"]}}),
        ("is about no record", {"about": None}),
        ("is about a later record", {"about": {"seq": 99}}),
    ):
        lines = json_lines(forger.files["records.jsonl"])
        record = next(line for line in lines if line["kind"] == "corrected")
        for key, value in changed.items():
            record[key] = {**record[key], **value} if isinstance(value, dict) else value
        yield f"correction {name}", _hashed_again(forger, lines)
    yield "correction of another value", _other_value(forger)


def _other_value(forger: Forger) -> Files:
    """Let a correction say that another value stood before, and commit to that."""
    lines = json_lines(forger.files["records.jsonl"])
    record = next(line for line in lines if line["kind"] == "corrected")
    payloads = json_lines(forger.files["payloads.jsonl"])
    place = (record["id"], record["seq"])
    told = next(line for line in payloads if (line["id"], line["seq"]) == place)
    for change in told["payload"]["facts"].values():
        change["old"] = "另一个值"
    record["payload"] = commitment(bytes.fromhex(told["salt"]), canonical(told["payload"]))
    changed = replace(forger, files=forger.files | {"payloads.jsonl": to_lines(payloads)})
    return _hashed_again(changed, lines)


def _hashed_again(forger: Forger, lines: list[Any]) -> Files:
    """Make chains and heads hold again, as a forger without a key can."""
    heads: dict[str, dict[str, Any]] = {}
    for record in lines:
        before = heads.get(record["id"], {"last": 0, "head": "0" * 64})
        record["seq"], record["prev"] = before["last"] + 1, before["head"]
        head = sha256(dump(record)).hexdigest()
        heads[record["id"]] = {"last": record["seq"], "head": head}
    changed = forger.files | {"records.jsonl": to_lines(lines)}
    return forger.seal(changed, lambda manifest: manifest.update(streams=heads))


def _beside(forger: Forger) -> Named:
    files, seal = forger.files, forger.seal

    def of(name: str, file: str, change: Change) -> tuple[str, Files]:
        return name, forger.with_lines(file, change)

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
        changed = seal(files, lambda manifest, e=entry: manifest.update(withheld=[e]))
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
        seal(files | {f"definitions/{PACK_HASH}/parameters.toml": b"R_PLAN = 150\n"}),
    )
    kept = {name: files[name] for name in files if not name.startswith("definitions/")}
    yield "definition left out", seal(kept)
    calendar = next(name for name in files if name.startswith("calendars/"))
    changed = files[calendar].replace(b'"is_workday":false', b'"is_workday":true', 1)
    yield "calendar edited", seal(files | {calendar: changed})
    yield of("marking edited", "markings.jsonl", lambda lines: lines[0].update(marking=["x"]))


def _in_the_fields(forger: Forger) -> Named:
    lines = json_lines(forger.files["payloads.jsonl"])
    at = next(number for number, line in enumerate(lines) if "openings" in line)
    line = lines[at]
    first = next(iter(line["openings"]))
    opened = {key: each for key, each in line["openings"].items() if "value" in each}
    withheld = {key: each for key, each in line["openings"].items() if "reason" in each}

    def of(name: str, openings: Any, payload: Any = line["payload"]) -> tuple[str, Files]:
        changed = line | {"payload": payload, "openings": openings}
        kept = {key: value for key, value in changed.items() if value is not None}
        return name, forger.seal(
            forger.files | {"payloads.jsonl": to_lines([*lines[:at], kept, *lines[at + 1 :]])}
        )

    def with_each(**change: Any) -> Any:
        return {key: each | change for key, each in opened.items()} | withheld

    without = {key: each for key, each in line["openings"].items() if key != first}
    yield of("field left out", without)
    yield of("all fields left out", None)
    yield of("no openings", {})
    yield of("opening of no field", line["openings"] | {"0" * 64: {"salt": "0" * 32, "value": 1}})
    yield of("reason for no field", line["openings"] | {"f" * 64: {"by": "x", "reason": "y"}})
    for reason in (" ", "", "\x1f\u3000", 1, None):
        forged = {key: {"by": "x", "reason": reason} for key in line["openings"]}
        yield of(f"withheld for {reason!r}", forged)
    yield of("withheld by nobody", {key: {"by": "", "reason": "x"} for key in line["openings"]})
    yield of("opening with a key more", {key: {"by": "x", "x": "x"} for key in line["openings"]})
    for value in ([], "x", 1, True, {"__proto__": {}}, {first.upper(): line["openings"][first]}):
        yield of(f"openings {value}", value)
    if opened:
        for value in ("甲", 1, True, None, [], {"commitment": "0" * 64}):
            yield of(f"field is {value!r}", with_each(value=value))
        for salt in ("0" * 32, "0" * 31, "G" * 32, 0, None):
            yield of(f"salt of a field is {salt!r}", with_each(salt=salt))
        some = next(iter(opened))
        form = line["payload"]["form"] | {"other": {"commitment": some}}
        yield of("field elsewhere", line["openings"], line["payload"] | {"form": form})
    states = json_lines(forger.files["state.jsonl"])
    for state in states:
        if "plan" in state["facts"]:
            for value in (None, "甲", {"commitment": first}):
                told = [each | {"facts": each["facts"] | {"plan": value}} for each in states]
                yield f"fact {value}", forger.seal(forger.files | {"state.jsonl": to_lines(told)})
        if "plan" in state["withheld"]:
            for value in (None, "甲", {"commitment": first}):
                told = [
                    each | {"facts": each["facts"] | {"plan": value}, "withheld": []}
                    for each in states
                ]
                yield f"fact {value}", forger.seal(forger.files | {"state.jsonl": to_lines(told)})


def _in_the_log(forger: Forger) -> Named:
    nodes, positions, proofs = (
        json_lines(forger.files[f"{name}.jsonl"]) for name in ("nodes", "positions", "consistency")
    )

    def of(name: str, file: str, lines: list[Any]) -> tuple[str, Files]:
        return name, forger.seal(forger.files | {f"{file}.jsonl": to_lines(lines)})

    yield of("first node left out", "nodes", nodes[1:])
    yield of("last node left out", "nodes", nodes[:-1])
    yield of("node forged", "nodes", [*nodes[:-1], nodes[-1] | {"hash": "0" * 64}])
    yield of("nodes out of order", "nodes", [*nodes[1:], nodes[0]])
    yield of("node twice", "nodes", [*nodes, nodes[-1]])
    yield of("node not aligned", "nodes", [nodes[0] | {"to": nodes[0]["to"] + 2}, *nodes[1:]])
    yield of("node beyond the log", "nodes", [*nodes, {"from": 64, "to": 128, "hash": "0" * 64}])
    yield of("node with a key more", "nodes", [nodes[0] | {"level": 1}, *nodes[1:]])
    taken = {"from": positions[0]["index"], "to": positions[0]["index"] + 1, "hash": "0" * 64}
    doubled = sorted([*nodes, taken], key=lambda line: int(line["from"]))
    yield of("node over a record", "nodes", doubled)
    yield of("position left out", "positions", positions[1:])
    yield of("position too many", "positions", [*positions, positions[-1]])
    yield of("position beyond", "positions", [*positions[:-1], positions[-1] | {"index": 99}])
    yield of("position negative", "positions", [positions[0] | {"index": -1}, *positions[1:]])
    twice = [positions[0], positions[1] | {"index": positions[0]["index"]}, *positions[2:]]
    yield of("position twice", "positions", twice)
    swapped = [
        line | {"index": other["index"]}
        for line, other in zip(positions, positions[::-1], strict=True)
    ]
    yield of("positions swapped", "positions", swapped)
    yield of("proof too short", "consistency", [proofs[0] | {"proof": proofs[0]["proof"][1:]}])
    yield of("proof forged", "consistency", [proofs[0] | {"root": "0" * 64}])
    yield of("proof twice", "consistency", [*proofs, proofs[-1]])
    yield of("proof of no size", "consistency", [proofs[0] | {"size": 0}])


def _in_the_notes(forger: Forger) -> Named:
    files, seal = forger.files, forger.seal
    note = files["manifest.note"]
    line = note.splitlines()[-1]
    for name, content in (
        ("of another text", note.replace(b"sha256:", b"sha256:0", 1)),
        ("without line end", note[:-1]),
        ("signed twice", note + line + b"\n"),
        ("forged", note.replace(line, line[:-8] + b"AAAA" + line[-4:])),
        ("short", note.replace(line, line[:-8])),
        ("with another dash", note.replace(b"\xe2\x80\x94 ", b"- ")),
        ("of spaces", b" \n\n"),
        ("not UTF-8", b"\xff" + note),
        ("too long", note[:1] * 70_000 + note),
    ):
        yield f"note {name}", files | {"manifest.note": content}
    listed = {"manifest.note": {"bytes": 1, "sha256": "0" * 64}}
    yield "manifest listing its note", seal(files, lambda found: found["files"].update(listed))
    checkpoints = sorted(name for name in files if name.startswith("checkpoints/"))
    last = max(checkpoints, key=len)
    yield "last checkpoint left out", seal({each: files[each] for each in files if each != last})
    for name in checkpoints:
        content = files[name]
        line = content.splitlines()[-1]
        for change, changed in (
            ("forged", content.replace(line, line[:-8] + b"AAAA" + line[-4:])),
            ("of another day", content.replace(b"time 2026", b"time 2027", 1)),
            ("without time", content.replace(b"time ", b"at ", 1)),
            ("of size 07", content.replace(b"\n", b"\n0", 1)),
            ("with a line more", content.replace(b"\n\n", b"\nmore\n\n", 1)),
        ):
            yield f"{name} {change}", seal(files | {name: changed})
    turned = [files[name] for name in checkpoints[::-1]]
    yield "checkpoints swapped", seal(files | dict(zip(checkpoints, turned, strict=True)))


def _in_the_manifest(forger: Forger) -> Named:
    files, seal = forger.files, forger.seal
    for key, value in (
        ("public_key", "0" * 64),
        ("public_key", "01" + "0" * 62),
        ("public_key", "f" * 64),
        ("public_key", "9" * 64),
        ("key_name", "a b"),
        ("key_name", ""),
        ("key_name", "another"),
        ("tree_size", 0),
        ("tree_size", 5),
        ("first_index", 1),
        ("first_index", -1),
        ("sealed", [{"index": 0, "level": "L2", "by": "x"}]),
        ("sealed", [{"index": 0, "level": "", "by": "x"}]),
        ("origin", "elsewhere"),
        ("scope", {"type": "some"}),
        ("scope", {"type": "all", "more": 1}),
        ("scope", {"type": "all"}),
        ("scope", {"type": "period", "from": "2026-03-01"}),
        ("scope", {"type": "period", "from": "2026-03-01", "to": "March"}),
        ("scope", {"type": "period", "from": "2026-03-01", "to": "2026-03-31"}),
        ("scope", {"type": "cases", "cases": ["b", "a"]}),
        ("scope", {"type": "matter", "matter": " "}),
        ("scope", {"type": "toString"}),
    ):
        changed = seal(files, lambda found, k=key, v=value: found.update({k: v}))
        yield f"{key} {value}", changed
    yield "directory edited", seal(files | {"directory.jsonl": to_lines([{"id": "x"}])})
    yield "grants edited", seal(files | {"grants.jsonl": to_lines([{"id": "x"}])})
