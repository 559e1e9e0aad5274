"""A case played along its history: its walk, and what is noted on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workflows.domain.clocks import local_date
from workflows.engine.definition import Activity
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.deeds import Deed
from workflows.engine.simulation.fates import Fates, Key
from workflows.engine.simulation.findings import Findings
from workflows.engine.simulation.histories import CaseHistory
from workflows.engine.simulation.moving import NEVER, Input, Moving, path_of
from workflows.engine.walk import Change, RunningTerm, Walk


@dataclass
class Track(Moving):
    """One case as it is played along its history.

    ``inputs`` are what moved it so far, by their number; ``since`` says by which of them
    each open task and clock was started, ``places`` under which path#n; they are kept only
    where a firing was withdrawn. ``now`` is how far the history was gone through.
    """

    history: CaseHistory = field(kw_only=True)
    deeds: list[Deed] = field(kw_only=True)
    fates: Fates = field(init=False)
    may_rewind: bool = False
    now: Key = NEVER
    inputs: dict[int, Input] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, int], str | None] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    findings: Findings = field(init=False)
    acts: int = 0

    @classmethod
    def of(cls, book: Book, history: CaseHistory, deeds: list[Deed]) -> Track:
        """Begin at the start of a history."""
        place = history.process_id, history.org_path, deeds[0].at
        return cls(book, *place, history=history, deeds=deeds)

    def __post_init__(self) -> None:
        """Read what became of the clocks of the history."""
        Moving.__post_init__(self)
        self.fates = Fates(self.deeds)
        walked = {deed.record["definition"] for deed in self.deeds}
        is_same_pack = all(named.startswith(self.book.pack.hash) for named in walked)
        self.may_rewind = any(deed.kind == "withdrawn" for deed in self.deeds)
        self.findings = Findings(self.history.number, is_same_pack)

    @property
    def is_reproduced(self) -> bool:
        """Say whether all that was recorded was played, and nothing else."""
        found = self.findings
        return found.compares and self.is_opened and not (found.misfits or self.broken)

    def office_of(self, activity: Activity) -> str:
        """Give the office of a task: as history resolved its rule last, else as the tree is."""
        rule = activity.office_rule or "subject"
        return self.offices.get(rule) or self.history.offices.get(rule, "")

    def move(self, moved: Input) -> Change:
        """Let something move the case, and note what it did.

        Raises:
            DubanError: It cannot; the case stands where it stood.
        """
        change = Moving.move(self, moved)
        if self.may_rewind:
            self._remember(moved, change)
        return change

    def _remember(self, moved: Input, change: Change) -> None:
        """Keep what moved the case, for the day on which a firing is taken back."""
        number = len(self.inputs)
        self.inputs[number] = moved._replace(fired=change.fired[0] if change.fired else None)
        note_since(self.since, self.walk, change, number)
        for task, place in zip(change.step.opened, change.opened, strict=True):
            self.places[task.path, number] = place
        for clock in change.armed:
            self.places[path_of(clock), number] = clock.place

    def close(self, at: datetime) -> None:
        """End the case as an officer did who closed it."""
        self.course.take(local_date(at), closed=list(self.walk.tasks.values()))
        self.course.end(local_date(at), "withdrawn")
        self.walk.tasks, self.walk.clocks, self.walk.awaited = {}, {}, ()
        self.walk.ended = True
        self.keys.clear()

    def set_all_alarms(self) -> None:
        """Work out anew when each running clock fires."""
        self.keys = {
            path: self.key_of(clock)
            for path, clock in self.walk.clocks.items()
            if not clock.is_paused
        }

    def key_of(self, clock: RunningTerm) -> Key:
        """Give when a clock fires: with history's, where history has it with this date."""
        fate = self.fates.of(clock.place or "", clock.due.due_at, self.now)
        if fate is None:
            return super().key_of(clock)
        if fate.until is None:
            return NEVER
        return fate.until if fate.fired else max(super().key_of(clock), fate.until)


def note_since(since: dict[str, int], walk: Walk, change: Change, number: int) -> None:
    """Note by which input the tasks and clocks were started that a change started."""
    for task in change.step.opened:
        since[task.path] = number
    for clock in change.step.armed:
        if clock.path in walk.clocks:
            since[clock.path] = number
