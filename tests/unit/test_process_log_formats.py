"""XES and OCEL as their standards ask for them, and what they hold."""

import io
import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from tests.support.mining_logs import (
    BANNER,
    BRANCH,
    DIRECTORY,
    HEAD,
    LATER_PACK,
    LEAGUE,
    OFFICE,
    PACK,
    PERSON,
    branch_case,
    person_case,
)
from tests.support.mining_rules import faults_of_ocel, faults_of_xes
from workflows.audit.ocel import write_ocel
from workflows.audit.process_log import LoggedCase, events_of
from workflows.audit.xes import EXTENSION, write_xes


def xes(*cases: LoggedCase) -> bytes:
    target = io.BytesIO()
    write_xes(target, HEAD, cases)
    return target.getvalue()


def ocel(*cases: LoggedCase) -> Any:
    target = io.BytesIO()
    write_ocel(target, cases, DIRECTORY)
    assert faults_of_ocel(target.getvalue()) == []
    return json.loads(target.getvalue())


def test_xes_is_as_the_standard_asks() -> None:
    assert faults_of_xes(xes(branch_case(), person_case())) == []
    assert faults_of_xes(xes()) == []


@pytest.mark.parametrize(
    "right,wrong",
    [
        (b'xes.version="1849.2016"', b'xes.version="1849-2016"'),
        (b"<log xes.version", b'<log xmlns="http://www.xes-standard.org/" xes.version'),
        (b'classifier name="Activity"', b'classifier name="Activity name"'),
        (b'scope="event" keys', b"keys"),
        (b'key="concept:name"', b'key="concept name"'),
        (b'<int key="duban:workdays" value="10"/>', b'<int key="duban:workdays" value="10.5"/>'),
        (b'value="true"', b'value="yes"'),
        (b"<trace>", b"<event/><trace>"),
        (b'key="duban:kind"', b'key="other:kind"'),
        (b'key="org:resource"', b'key="org:group"'),
        (b"+00:00", b""),
        (b"</event>", b"</event>text"),
    ],
)
def test_the_rules_would_find_a_log_that_is_wrong(right: bytes, wrong: bytes) -> None:
    log = xes(branch_case())
    assert right in log
    assert faults_of_xes(log.replace(right, wrong, 1)) != []


def test_a_trace_is_a_case_and_an_event_each_act() -> None:
    log = etree.fromstring(xes(branch_case(), person_case()))
    assert [len(trace.findall("event")) for trace in log.iter("trace")] == [15, 2]
    names = log.xpath("trace/string[@key='concept:name']/@value")
    assert names == ["督〔2026〕1号-1", "督〔2026〕1号-2"]
    assert "核实 <调查> & “认定”" in log.xpath("//event/string[@key='concept:name']/@value")


def test_each_attribute_of_our_own_is_declared_with_its_type() -> None:
    log = etree.fromstring(xes(branch_case(tells_persons=True), person_case()))
    found = {
        (parent, each.get("key").removeprefix("duban:"), each.tag)
        for parent in ("trace", "event", "log")
        for each in (log.xpath(f"//{parent}/*") if parent != "log" else log)
        if (each.get("key") or "").startswith("duban:")
    }
    declared = {(level, name, type_) for name, (level, type_, _) in EXTENSION.items()}
    # A case has the durations of its events too.
    shared = {("trace", name, "int") for name in ("workdays", "workingSeconds", "elapsedSeconds")}
    assert found - shared <= declared
    assert {name for _, name, _ in found} == set(EXTENSION)


def test_an_unwritable_sign_is_left_out() -> None:
    named = branch_case(number="督\x00\x0b\ud800〔1〕\ufffe号")
    assert 'value="督〔1〕号"'.encode() in xes(named)


def test_nothing_in_a_log_names_a_person_who_is_not_cleared_for() -> None:
    case = replace(person_case(), tells_persons=False)
    log = ocel(branch_case(), case)
    assert PERSON not in xes(branch_case(), case).decode()
    assert PERSON not in json.dumps(log)


def test_ocel_holds_every_event_and_every_object_it_names() -> None:
    case = branch_case()
    log = ocel(case, person_case())
    assert len(log["events"]) == len(list(events_of(case))) + 2
    assert Counter(each["type"] for each in log["objects"]) == {
        "case": 2,
        "matter": 1,
        "task": 4,
        "organisation": 4,
        "person": 1,
        "pack_version": 2,
    }


def ties(log: Any, id_: str) -> set[tuple[str, str]]:
    (found,) = [each for part in ("objects", "events") for each in log[part] if each["id"] == id_]
    return {(tie["objectId"], tie["qualifier"]) for tie in found["relationships"]}


def test_objects_are_tied_to_each_other_with_a_word() -> None:
    log = ocel(branch_case(), person_case())
    assert ties(log, "c_person") == {
        ("m_1", "part of"),
        (BRANCH, "about"),
        (PERSON, "about"),
        ("c_branch", "opened by"),
        (PACK, "runs on"),
    }
    assert (LATER_PACK, "runs on") in ties(log, "c_branch")
    assert ties(log, "c_branch/verify#1") == {("c_branch", "part of"), (OFFICE, "done at")}
    assert ties(log, BRANCH) == {(BANNER, "below")}
    assert ties(log, BANNER) == {(LEAGUE, "below")}
    assert ("m_1", "opened for") in ties(log, "c_branch:1")
    assert ("c_branch/verify#1", "on") in ties(log, "c_branch:3")


def test_a_parent_that_is_not_in_the_log_is_not_tied_to() -> None:
    assert "c_branch" not in json.dumps(ocel(person_case()))


def values(log: Any, id_: str, name: str) -> list[tuple[str, str]]:
    (found,) = [each for each in log["objects"] if each["id"] == id_]
    return [(v["value"], v["time"]) for v in found["attributes"] if v["name"] == name]


def test_values_change_at_their_times() -> None:
    log = ocel(branch_case())
    assert values(log, "c_branch", "fact:score") == [
        ("70.5", "2026-03-02T07:00:00.000000Z"),
        ("null", "2026-03-10T01:00:00.000000Z"),
    ]
    assert [value for value, _ in values(log, "c_branch", "pack")] == [PACK, LATER_PACK]
    assert [value for value, _ in values(log, "c_branch/verify#1", "state")] == [
        "waiting",
        "started",
        "suspended",
        "started",
        "assigned",
        "done",
    ]
    assert [value for value, _ in values(log, "c_branch/verify#1", "claimant")] == [
        "u_anna",
        "null",
        "u_anna",
        "u_bold",
    ]
    assert [value[:10] for value, _ in values(log, "c_branch/verify#1", "dueAt")] == [
        "2026-03-03",
        "2026-03-04",
    ]


def test_each_type_declares_its_attributes_with_their_types() -> None:
    log = ocel(branch_case())
    (case,) = [each for each in log["objectTypes"] if each["name"] == "case"]
    types = {each["name"]: each["type"] for each in case["attributes"]}
    assert types["fact:verified_on"] == "time"
    assert types["fact:score"] == "float"
    assert types["fact:is_urgent"] == "boolean"
    assert types["fact:grounds"] == "string"


def test_ocel_of_nothing_is_right_too() -> None:
    assert ocel() == {"events": [], "objects": [], "eventTypes": [], "objectTypes": []}
