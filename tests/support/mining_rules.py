"""What the published schemas of XES and OCEL 2.0 ask of a log, and what the standards add.

Written from the texts of the standards (IEEE 1849-2016, clauses 4 and 5; OCEL 2.0, section
8), since the schemas themselves are not ours to hand on. ``XES_SCHEMA`` names the
published file where somebody has it: then that is asked too.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from lxml import etree

_NAME = re.compile(r"[^\W\d][\w:.\-]*")
_NC_NAME = re.compile(r"[^\W\d][\w.\-]*")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_TOKEN = re.compile(r"(\S+( \S+)*)?")
_VALUES = {
    "string": re.compile(r"(?s).*"),
    "date": _DATE,
    "int": re.compile(r"[+-]?\d{1,18}"),
    "float": re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false|0|1"),
    "id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
}
_ORDER = ("extension", "global", "classifier", "attribute", "trace", "event")
_HEAD = {
    "extension": {"name": _NC_NAME, "prefix": _NC_NAME, "uri": re.compile(r"\S+")},
    "global": {"scope": re.compile("trace|event")},
    "classifier": {"name": _NC_NAME, "scope": re.compile("trace|event"), "keys": _TOKEN},
}


def faults_of_xes(content: bytes) -> list[str]:
    """Say what is wrong with a log; nothing where it is right."""
    log = etree.fromstring(content, etree.XMLParser(no_network=True, resolve_entities=False))
    faults = list(_faults_of_log(log))
    schema = os.environ.get("XES_SCHEMA")
    if schema:
        published = etree.XMLSchema(etree.parse(schema))
        published.validate(log)
        faults += [str(error) for error in published.error_log]
    return faults


def _faults_of_log(log: Any) -> Iterator[str]:
    if log.tag != "log" or not set(log.attrib) <= {"xes.version", "xes.features"}:
        yield f"the root is {log.tag} {dict(log.attrib)}"
        return
    if not re.fullmatch(r"\d+(\.\d+)?", log.get("xes.version", "")):
        yield f"version {log.get('xes.version')}"
    kinds = [_kind(child) for child in log]
    if [kind for kind in kinds if kind not in _ORDER]:
        yield f"children {set(kinds) - set(_ORDER)}"
    elif kinds != sorted(kinds, key=_ORDER.index):
        yield "children out of order"
    for child in log:
        yield from _faults_of_part(child)
    if [text for each in log.iter() for text in (each.text, each.tail) if (text or "").strip()]:
        yield "text between the elements"
    yield from _faults_of_meaning(log)


def _kind(child: Any) -> str:
    return "attribute" if child.tag in _VALUES or child.tag == "list" else str(child.tag)


def _faults_of_part(child: Any) -> Iterator[str]:
    kind = _kind(child)
    if kind == "attribute":
        yield from _faults_of_attribute(child)
        return
    asked = _HEAD.get(kind, {})
    if set(child.attrib) != set(asked):
        yield f"{kind} has {dict(child.attrib)}"
    for name, pattern in asked.items():
        if not pattern.fullmatch(child.get(name, "")):
            yield f"{kind} {name}={child.get(name)}"
    seen_event = False
    for each in child:
        is_event = each.tag == "event" and kind == "trace"
        if seen_event and not is_event:
            yield "an attribute behind an event"
        seen_event = seen_event or is_event
        if not is_event and (_kind(each) != "attribute" or kind in {"extension", "classifier"}):
            yield f"{each.tag} in {kind}"
        yield from _faults_of_part(each)
    doubled = [key for key, count in Counter(_keys(child)).items() if count > 1]
    if doubled:
        yield f"{kind} has {doubled} twice"


def _faults_of_attribute(each: Any) -> Iterator[str]:
    if set(each.attrib) != {"key", "value"} or len(each):
        yield f"{each.tag} has {dict(each.attrib)} and {len(each)} children"
    if not _NAME.fullmatch(each.get("key", "")):
        yield f"key {each.get('key')}"
    if not _VALUES[each.tag].fullmatch(each.get("value", "")):
        yield f"{each.tag} {each.get('key')}={each.get('value')}"


def _keys(parent: Any) -> list[str]:
    return [each.get("key", "") for each in parent if _kind(each) == "attribute"]


def _faults_of_meaning(log: Any) -> Iterator[str]:
    """Hold the log against what the standard says beyond its schema (4.3 to 4.5)."""
    prefixes = {each.get("prefix") for each in log.iter("extension")}
    used = {key.partition(":")[0] for each in log.iter() for key in _keys(each)}
    if used - prefixes:
        yield f"no extension declares {used - prefixes}"
    for scope in ("trace", "event"):
        (everywhere,) = [each for each in log.iter("global") if each.get("scope") == scope]
        for each in log.iter(scope):
            if set(_keys(everywhere)) - set(_keys(each)):
                yield f"{scope} lacks {set(_keys(everywhere)) - set(_keys(each))}"
        for classifier in log.iter("classifier"):
            keys = set(classifier.get("keys", "").split())
            if classifier.get("scope") == scope and keys - set(_keys(everywhere)):
                yield f"classifier {classifier.get('name')} uses {keys}"


_OCEL_VALUES = {
    "string": re.compile(r"(?s).*"),
    "time": _DATE,
    "integer": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
    "boolean": re.compile("true|false"),
}
# How we write that an object's attribute has no value any more.
CLEARED = "null"


def faults_of_ocel(content: bytes) -> list[str]:
    """Say what is wrong with a log; nothing where it is right."""
    log = json.loads(content)
    if set(log) != {"eventTypes", "objectTypes", "events", "objects"}:
        return [f"the log holds {sorted(log)}"]
    return list(_faults_of_ocel(log))


def _faults_of_ocel(log: Any) -> Iterator[str]:
    known = {each["id"] for each in log["objects"]}
    for section in ("events", "objects"):
        ids = Counter(each["id"] for each in log[section])
        yield from (f"{id_} twice in {section}" for id_, count in ids.items() if count > 1)
    for section, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {each["name"]: _declared(each) for each in log[types]}
        for each in log[section]:
            asked = {"id", "type", "attributes", "relationships"}
            asked |= {"time"} if section == "events" else set()
            if set(each) != asked:
                yield f"{each['id']} has {sorted(each)}"
            if section == "events" and not _is_time(each["time"]):
                yield f"{each['id']} at {each['time']}"
            yield from _faults_of_values(each, declared[each["type"]], section)
            for tie in each["relationships"]:
                if set(tie) != {"objectId", "qualifier"} or tie["objectId"] not in known:
                    yield f"{each['id']} is tied to {tie}"


def _declared(each: Any) -> dict[str, str]:
    return {attribute["name"]: attribute["type"] for attribute in each["attributes"]}


def _faults_of_values(each: Any, declared: dict[str, str], section: str) -> Iterator[str]:
    asked = {"name", "value"} | ({"time"} if section == "objects" else set())
    for value in each["attributes"]:
        if set(value) != asked or not all(isinstance(text, str) for text in value.values()):
            yield f"{each['id']} has {value}"
        elif section == "objects" and not _is_time(value["time"]):
            yield f"{each['id']} {value['name']} at {value['time']}"
        elif value["value"] != CLEARED and not _OCEL_VALUES[declared[value["name"]]].fullmatch(
            value["value"]
        ):
            yield f"{each['id']} {value['name']}={value['value']}"


def _is_time(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and datetime.fromisoformat(text).tzinfo is not None
