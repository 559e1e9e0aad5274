"""Read a log with pm4py and write what it found as JSON; run by .venv-interop alone.

Where ``OCEL_SCHEMA`` names the published schema, the OCEL log is held against it too.
"""

import json
import os
import sys
from pathlib import Path

import jsonschema
import pm4py


def read_xes(path: str) -> dict:
    """Give the events of each trace in their order."""
    log = pm4py.read_xes(path, show_progress_bar=False)
    traces: dict[str, list] = {}
    for event in log.to_dict("records"):
        own = {key: _plain(value) for key, value in event.items() if value == value}
        traces.setdefault(event["case:concept:name"], []).append(own)
    return traces


def read_ocel(path: str) -> dict:
    """Count what an OCEL log holds and give its ties and changes."""
    log = pm4py.read_ocel2(path)
    changes = [
        {
            "oid": change["ocel:oid"],
            "field": change["ocel:field"],
            change["ocel:field"]: _plain(change[change["ocel:field"]]),
        }
        for change in log.object_changes.to_dict("records")
    ]
    return {
        "events": {
            event["ocel:eid"]: event["ocel:timestamp"].isoformat()
            for event in log.events.to_dict("records")
        },
        "objects": log.objects["ocel:type"].value_counts().to_dict(),
        "relations": len(log.relations),
        "o2o": log.o2o[["ocel:oid", "ocel:oid_2", "ocel:qualifier"]].values.tolist(),
        "changes": changes,
    }


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def hold_against_schema(path: str, schema: str) -> None:
    """Fail where a log is not what the published schema asks for."""
    asked = json.loads(Path(schema).read_text(encoding="utf-8"))
    log = json.loads(Path(path).read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(asked).validate(log)


if __name__ == "__main__":
    _, xes, ocel = sys.argv
    if os.environ.get("OCEL_SCHEMA"):
        hold_against_schema(ocel, os.environ["OCEL_SCHEMA"])
    found = {"version": pm4py.__version__, "xes": read_xes(xes), "ocel": read_ocel(ocel)}
    sys.stdout.write(json.dumps(found, default=str))
