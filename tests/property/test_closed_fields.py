"""Whatever a field holds and whoever may see it: one record, one hash, and both verify."""

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.bundles import Files, json_lines, pack_zip, read_bundle, relist, to_lines
from tests.support.journal import StreamWriter, contents_of
from workflows.audit.bundle import write_bundle
from workflows.audit.commitment import close_fields
from workflows.audit.verifier import verify_bundle
from workflows.domain.closed_fields import closed_places, is_closed, with_values
from workflows.domain.records import Effects, RecordKind

NAMES = ("lead", "helper", "plan", "score")
TEXTS = st.text(max_size=4) | st.sampled_from(["\x7f", "\u2028", '{"commitment":"', "甲\n", "😀"])
PLAIN = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
VALUES = (
    PLAIN
    | st.lists(PLAIN, max_size=2)
    | st.dictionaries(st.sampled_from(["commitment", "a", "value"]), PLAIN, max_size=2).filter(
        lambda value: not is_closed(value)
    )
)
FILLED = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1)
SOME = st.frozensets(st.sampled_from(NAMES))


def written(folder: Path, closed: frozenset[str], filled: list[dict[str, Any]]) -> Path:
    case = StreamWriter(random.Random(5), closed=closed)
    case.open()
    done = Effects(closed=("intake/verify#1",), opened=(case.task("rect/plan#1"),))
    case.write(RecordKind.TASK_COMPLETED, done, to=1, facts=filled[0], form=filled[0])
    for values in filled[1:]:
        case.write(RecordKind.CORRECTED, about=2, facts=values, form=values)
    path = folder / "shown.zip"
    write_bundle(path, contents_of(case))
    return path


def withheld(files: Files, names: frozenset[str]) -> tuple[Files, int]:
    """Take the openings of some names out of a bundle; gives how many these were."""
    lines, count = json_lines(files["payloads.jsonl"]), 0
    (state,) = json_lines(files["state.jsonl"])
    for line in lines:
        for name, key in closed_places(line["payload"]):
            if name in names and "value" in line["openings"][key]:
                line["openings"][key] = {"by": "u_office", "reason": "涉及个人"}
                count += 1
        for name, change in line["payload"]["facts"].items():
            new = change["new"]
            if is_closed(new) and "reason" in line["openings"][new["commitment"]]:
                state["withheld"] = sorted({*state["withheld"], name})
            else:
                state["withheld"] = [each for each in state["withheld"] if each != name]
    for name in state["withheld"]:
        del state["facts"][name]
    return files | {"payloads.jsonl": to_lines(lines), "state.jsonl": to_lines([state])}, count


@settings(max_examples=40)
@given(closed=SOME, hidden=SOME, filled=st.lists(FILLED, min_size=1, max_size=3))
def test_shown_and_withheld_verify_under_the_same_records(
    closed: frozenset[str], hidden: frozenset[str], filled: list[dict[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = written(Path(name), closed, filled)
        verdict = verify_bundle(path, workers=1)
        assert verdict.problem is None, verdict.problem
        assert verdict.counts.fields == 0
        files = read_bundle(path)
        changed, count = withheld(files, hidden)
        path.write_bytes(pack_zip(relist(changed)))
        verdict = verify_bundle(path, workers=1)
        assert verdict.problem is None, verdict.problem
        assert verdict.counts.fields == count
        assert changed["records.jsonl"] == files["records.jsonl"]


@given(closed=SOME, form=FILLED, facts=FILLED)
def test_what_was_closed_opens_to_what_it_was(
    closed: frozenset[str], form: dict[str, Any], facts: dict[str, Any]
) -> None:
    changes = {name: {"old": form.get(name), "new": value} for name, value in facts.items()}
    payload = {"form": form, "facts": changes, "trace_values": {"x": facts, "y": 1}}
    content, openings = close_fields(payload, closed)
    shut = json.loads(content)
    told = json.loads(openings or b"{}")
    assert with_values(shut, {key: each["value"] for key, each in told.items()}) == payload
    assert {name for name, _ in closed_places(shut)} <= closed
    assert {key for _, key in closed_places(shut)} == told.keys()
    for name in closed & form.keys():
        assert form[name] is None or is_closed(shut["form"][name])
