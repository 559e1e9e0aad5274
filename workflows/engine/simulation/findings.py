"""What does not go as it went: acts that no longer fit, and where a same pack differs."""

from __future__ import annotations

from dataclasses import dataclass, field

from workflows.engine.simulation.books import Book
from workflows.engine.simulation.deeds import Deed
from workflows.engine.simulation.matching import Misfit, Reason, stands_at
from workflows.engine.simulation.reproduction import Difference, Told, first_difference
from workflows.engine.walk import Walk


@dataclass(slots=True)
class Findings:
    """What is found of one case; ``difference`` is kept for the pack that history ran on."""

    number: str
    is_same_pack: bool
    misfits: list[Misfit] = field(default_factory=list)
    lacking: set[str] = field(default_factory=set)
    difference: Difference | None = None

    @property
    def compares(self) -> bool:
        """Say whether a first difference is still looked for."""
        return self.is_same_pack and self.difference is None

    def misfit(self, deed: Deed, walk: Walk, reason: Reason, error: str = "") -> None:
        """Note an act that does not fit where the case stands."""
        name = str(deed.record["trigger"]["name"])
        self.misfits.append(
            Misfit(self.number, deed.seq, name, deed.on, reason, stands_at(walk), error)
        )
        self.missing(deed, reason.value)

    def missing(self, deed: Deed, what: str) -> None:
        """Note a record that was not played."""
        self._differ(deed.seq, what, f"{deed.kind} {deed.ref}", "")

    def unmatched(self, seq: int, what: str, played: str) -> None:
        """Note something that was played and of which there is no record."""
        self._differ(seq, what, "", played)

    def compare(self, book: Book, deed: Deed, move: Told) -> None:
        """Hold a move against its record."""
        self.difference = first_difference(book, self.number, deed, move)

    def compare_date(self, deed: Deed, recorded: str, played: str) -> None:
        """Hold the date of a clock that an officer moved against its record."""
        if recorded != played:
            self._differ(deed.seq, "effects.moved", recorded, played)

    def _differ(self, seq: int, what: str, recorded: str, played: str) -> None:
        if self.compares:
            self.difference = Difference(self.number, seq, what, recorded, played)
