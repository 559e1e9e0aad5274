"""Our steps beside the referee's, with and without the table, and beside plain SpiffWorkflow."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.support.diagrams import pack_files
from tests.support.packs import shipped_pack
from tests.support.random_diagrams import Growing
from tests.support.side_by_side import walk
from tests.support.whole_diagrams import whole_files, whole_pack
from workflows.engine.loading import build_pack

SHIPPED = Path(__file__).parents[2] / "bpmn" / "ladder"


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_diagrams_of_the_whole_profile_step_as_the_referee_says(chance: random.Random) -> None:
    processes = whole_pack(chance)
    note("\n\n".join(f"{name}:\n{text}" for name, text in processes.items()))
    definition = build_pack(whole_files(processes)).processes["top"]
    for _ in range(3):
        walk(definition, chance, 20)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_diagrams_that_plain_spiffworkflow_can_run_step_alike_everywhere(
    chance: random.Random,
) -> None:
    inmost = Growing(chance, "z", ()).process(3)
    inner = Growing(chance, "y", ("inmost",)).process(4)
    top = Growing(chance, "x", ("inner", "inmost")).process(chance.randint(4, 9))
    note(f"{top}\n\ninner:\n{inner}\n\ninmost:\n{inmost}")
    definition = build_pack(pack_files(top=top, inner=inner, inmost=inmost)).processes["top"]
    for _ in range(2):
        walk(definition, chance, 20, beside_plain=True)


@pytest.mark.parametrize("process_id", sorted(path.stem for path in SHIPPED.glob("*.bpmn")))
def test_shipped_processes_step_alike_everywhere(process_id: str) -> None:
    definition = shipped_pack().processes[process_id]
    walked, number = 0, 0
    while walked < 40 and number < 30:
        walked += walk(definition, random.Random(number), 40, beside_plain=True)
        number += 1
    assert walked
