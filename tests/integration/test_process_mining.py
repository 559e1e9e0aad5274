"""pm4py reads our logs as we wrote them: in a process of its own, for it is AGPL.

``.ci/set-up-interop`` builds its environment; without it the test is skipped, never in CI.
"""

import io
import json
import os
import subprocess
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.support.doc_tables import ROOT
from tests.support.mining_logs import DIRECTORY, HEAD, branch_case, person_case
from workflows.audit.ocel import write_ocel
from workflows.audit.process_log import events_of
from workflows.audit.xes import write_xes

PYTHON = ROOT / ".venv-interop" / "bin" / "python"
READER = ROOT / "tests" / "support" / "read_with_pm4py.py"
CASES = (branch_case(), person_case())
EVENTS = {case.number: list(events_of(case)) for case in CASES}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What pm4py finds in both logs."""
    if not PYTHON.exists():
        said = f"{PYTHON} is missing: run .ci/set-up-interop"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    folder = tmp_path_factory.mktemp("logs")
    with (folder / "log.xes").open("wb") as target:
        write_xes(target, HEAD, CASES)
    (folder / "log.jsonocel").write_bytes(ocel())
    done = subprocess.run(
        [PYTHON, "-I", "-Wignore", READER, folder / "log.xes", folder / "log.jsonocel"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def ocel() -> bytes:
    target = io.BytesIO()
    write_ocel(target, CASES, DIRECTORY)
    return target.getvalue()


def test_pm4py_finds_each_trace_with_its_events_in_order(read: Any) -> None:
    assert {number: len(events) for number, events in read["xes"].items()} == {
        number: len(events) for number, events in EVENTS.items()
    }
    for number, events in EVENTS.items():
        found = read["xes"][number]
        assert [each["concept:name"] for each in found] == [each.name for each in events]
        assert [each["lifecycle:transition"] for each in found] == [
            each.transition.value for each in events
        ]
        assert [datetime.fromisoformat(each["time:timestamp"]) for each in found] == [
            each.at for each in events
        ]


def test_pm4py_reads_attributes_with_their_types(read: Any) -> None:
    (done,) = [
        each
        for each in read["xes"]["督〔2026〕1号-1"]
        if (each["duban:activity"], each["lifecycle:transition"]) == ("verify", "complete")
    ]
    assert done["org:resource"] == "u_bold"
    assert done["org:group"] == "o_office"
    assert done["concept:instance"] == "verify#1"
    assert done["duban:workdays"] == 10
    assert done["duban:late"] is True
    assert (
        datetime.fromisoformat(done["duban:recordedAt"]) == EVENTS["督〔2026〕1号-1"][9].recorded_at
    )


def test_pm4py_finds_the_objects_events_and_ties_of_ocel(read: Any) -> None:
    written = json.loads(ocel())
    ties = [tie for each in written["events"] for tie in each["relationships"]]
    named = {tie["objectId"] for tie in ties}
    assert len(read["ocel"]["events"]) == len(written["events"])
    # pm4py keeps the objects that an event is tied to; those above an organisation are not.
    kept = [each for each in written["objects"] if each["id"] in named]
    assert read["ocel"]["objects"] == Counter(each["type"] for each in kept)
    assert {each["id"] for each in written["objects"]} - named == {"o_banner", "o_league"}
    assert read["ocel"]["relations"] == sum(
        len(each["relationships"]) for each in written["events"]
    )
    assert {tuple(tie) for tie in read["ocel"]["o2o"]} == {
        (each["id"], tie["objectId"], tie["qualifier"])
        for each in kept
        for tie in each["relationships"]
        if tie["objectId"] in named
    }


def test_pm4py_reads_times_and_changed_values_of_ocel(read: Any) -> None:
    times = {each["id"]: each["time"] for each in json.loads(ocel())["events"]}
    assert {id_: datetime.fromisoformat(at) for id_, at in read["ocel"]["events"].items()} == {
        id_: datetime.fromisoformat(at) for id_, at in times.items()
    }
    states = [
        change["state"]
        for change in read["ocel"]["changes"]
        if change["oid"] == "c_branch/verify#1" and change["field"] == "state"
    ]
    assert states == ["started", "suspended", "started", "assigned", "done"]


def test_the_reader_is_no_part_of_what_we_publish() -> None:
    assert "pm4py" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
    sources = [*(ROOT / "workflows").rglob("*.py"), *(ROOT / "webapp").rglob("*.py")]
    assert [path for path in sources if "pm4py" in path.read_text(encoding="utf-8")] == []
