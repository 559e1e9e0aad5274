"""What officers type into forms of the pack, where a test is about something else."""

from typing import Any

VERIFIED: dict[str, Any] = {
    "finding": "substantiated",
    "verified_on": "2026-03-10",
    "verified_facts": "属实",
    "grounds": ["duty_lacking"],
    "problem_weight": "serious",
    "entry_rung": "rectification",
    "subject_opinion": "agreed",
}
VERIFIED_ORDINARY = {**VERIFIED, "problem_weight": "ordinary", "entry_rung": "criticism"}
NOTICE: dict[str, Any] = {
    "served_on": "2026-03-10",
    "service_way": "direct",
    "requirements": "限期整改",
    "plan_required": "no",
    "progress_required": "no",
}
SERVED = {**NOTICE, "plan_required": "yes"}
