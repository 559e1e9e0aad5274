"""Random histories of a case: the fold loses no task, and the bundle of it verifies."""

import json
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.journal import StreamWriter, contents_of
from workflows.audit.bundle import write_bundle
from workflows.audit.lines import decode_canonical
from workflows.audit.verifier import verify_bundle
from workflows.domain.fold import CaseState
from workflows.domain.records import Assigned, Effects, MoveReason, RecordKind

FACTS = st.dictionaries(
    st.sampled_from(["score", "plan", "class"]),
    st.none() | st.booleans() | st.integers(0, 1) | st.text(max_size=3),
    max_size=2,
)
MINUTES = st.integers(1, 3)


class Histories(RuleBasedStateMachine):
    """Writes acts that fit and keeps its own simple book of what is open."""

    @initialize(seed=st.integers(0, 1000))
    def open_case(self, seed: int) -> None:
        self.case = StreamWriter(random.Random(seed))
        self.case.open()
        self.tasks: dict[str, str | None] = {"intake/verify#1": None}
        self.clocks: dict[str, bool] = {"t/plan#1": False}
        self.numbers = 1
        self.undoable: Any = None
        self.fired: Any = None

    def write(self, kind: RecordKind, effects: Effects, **others: Any) -> None:
        before = (self.case.state.state_line(), dict(self.tasks), dict(self.clocks))
        record = self.case.write(kind, effects, **others)
        is_officers = record["actor"] == self.case.officer and not effects.thrown
        self.undoable = (record["seq"], *before) if is_officers else None

    @rule(facts=FACTS, minutes=MINUTES)
    def open_task_and_clock(self, facts: dict[str, Any], minutes: int) -> None:
        self.numbers += 1
        task, clock = f"rect/plan#{self.numbers}", f"t/plan#{self.numbers}"
        effects = Effects(opened=(self.case.task(task),), armed=(self.case.clock(clock),))
        self.write(
            RecordKind.INTERVENED,
            effects,
            to=self.numbers % 8,
            facts=facts,
            after=timedelta(minutes=minutes),
        )
        self.tasks[task], self.clocks[clock] = None, False

    @precondition(lambda self: self.tasks)
    @rule(pick=st.randoms(use_true_random=False), facts=FACTS)
    def complete(self, pick: random.Random, facts: dict[str, Any]) -> None:
        task = pick.choice(sorted(self.tasks))
        self.write(RecordKind.TASK_COMPLETED, Effects(closed=(task,)), facts=facts)
        del self.tasks[task]

    @precondition(lambda self: self.tasks)
    @rule(pick=st.randoms(use_true_random=False))
    def claim(self, pick: random.Random) -> None:
        task = pick.choice(sorted(self.tasks))
        assigned = Assigned(task, self.case.officer, self.case.office)
        self.write(RecordKind.TASK_CLAIMED, Effects(assigned=(assigned,)))
        self.tasks[task] = self.case.officer

    @precondition(lambda self: self.clocks)
    @rule(pick=st.randoms(use_true_random=False))
    def pause_or_resume(self, pick: random.Random) -> None:
        clock = pick.choice(sorted(self.clocks))
        paused = self.clocks[clock]
        effects = Effects(resumed=(clock,)) if paused else Effects(paused=(clock,))
        self.write(RecordKind.INTERVENED, effects)
        self.clocks[clock] = not paused

    @precondition(lambda self: any(not paused for paused in self.clocks.values()))
    @rule(pick=st.randoms(use_true_random=False))
    def fire(self, pick: random.Random) -> None:
        clock = pick.choice(sorted(name for name, paused in self.clocks.items() if not paused))
        self.numbers += 1
        task = f"letters/first#{self.numbers}"
        effects = Effects(opened=(self.case.task(task),), fired=(clock,))
        self.write(RecordKind.CLOCK_FIRED, effects, actor="system:sweep")
        del self.clocks[clock]
        self.tasks[task] = None
        self.fired = (self.case.head.seq, clock, task)

    @precondition(lambda self: self.fired is not None)
    @rule()
    def withdraw(self) -> None:
        about, clock, task = self.fired
        moved = self.case.moved(clock, date(2026, 5, 6), MoveReason.WITHDRAWAL)
        closed = (task,) if task in self.tasks else ()
        self.write(RecordKind.WITHDRAWN, Effects(moved=(moved,), closed=closed), about=about)
        self.tasks.pop(task, None)
        self.clocks[clock] = False
        self.fired = self.undoable = None

    @precondition(lambda self: self.undoable is not None)
    @rule(seconds=st.integers(0, 60))
    def undo(self, seconds: int) -> None:
        about, line, tasks, clocks = self.undoable
        to = None
        if line["marking"] != self.case.state.marking:
            to = line["marking"]
        self.case.write(
            RecordKind.UNDONE, about=about, after=timedelta(seconds=seconds), to_marking=to
        )
        assert self.case.state.state_line() == line | {"seq": about + 1}
        self.tasks, self.clocks = tasks, clocks
        self.undoable = None

    @invariant()
    def nothing_is_lost_and_nothing_is_there_twice(self) -> None:
        state = self.case.state
        assert {name: task.claimant for name, task in state.tasks.items()} == self.tasks
        assert {name: clock.paused for name, clock in state.clocks.items()} == self.clocks

    def teardown(self) -> None:
        again = CaseState()
        for content, line in zip(self.case.contents, self.case.payloads, strict=True):
            again.apply(json.loads(content), decode_canonical(line.content))
        assert again.state_line() == self.case.state.state_line()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bundle.zip"
            write_bundle(path, contents_of(self.case))
            assert verify_bundle(path).problem is None


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=40, stateful_step_count=25)
