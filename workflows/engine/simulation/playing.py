"""The acts of a matter's cases replayed against a pack, its clocks by its numbers (DESIGN 4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import takewhile

from workflows.domain.clocks import local_date
from workflows.domain.entries import path_at
from workflows.domain.errors import DubanError
from workflows.domain.steps import Facts, FactValue, OperationCall, Trigger, TriggerType
from workflows.engine.execution import START
from workflows.engine.run import Names
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.courses import Course
from workflows.engine.simulation.deeds import Deed, read_deeds
from workflows.engine.simulation.fates import Key
from workflows.engine.simulation.histories import MatterHistory
from workflows.engine.simulation.matching import (
    Misfit,
    Reason,
    lacking,
    place_for,
)
from workflows.engine.simulation.moving import Input
from workflows.engine.simulation.recorded import recorded_course
from workflows.engine.simulation.reproduction import Difference, Told
from workflows.engine.simulation.tracks import Track
from workflows.engine.simulation.withdrawals import withdraw
from workflows.engine.walk import Change, trigger_of

_ACTS = ("task_completed", "message_received")
_LAST = 2**31


@dataclass(frozen=True, slots=True)
class CasePlayed:
    """What came of one case.

    ``recorded`` is null where a payload was erased, so that nothing could be played;
    ``course`` is null where the case was never opened.
    """

    number: str
    recorded: Course | None
    course: Course | None
    misfits: tuple[Misfit, ...] = ()
    broken: tuple[str, ...] = ()
    difference: Difference | None = None
    is_same_pack: bool = False
    lacking: frozenset[str] = frozenset()
    steps: int = 0
    acts: int = 0


def play_matter(book: Book, matter: MatterHistory) -> list[CasePlayed]:
    """Play the cases of a matter up to the horizon."""
    read = [(history, read_deeds(history)) for history in matter.cases]
    tracks = [Track.of(book, history, deeds) for history, deeds in read if deeds is not None]
    _MatterPlay(book, tracks).play()
    played = [_played(book, track) for track in tracks]
    lost = [history for history, deeds in read if deeds is None]
    return played + [CasePlayed(history.number, None, None) for history in lost]


def _played(book: Book, track: Track) -> CasePlayed:
    track.course.finish(local_date(book.horizon))
    found, course = track.findings, track.course if track.is_opened else None
    # A case of which every record was told again went as its records say: one course.
    recorded = course if track.is_reproduced else None
    return CasePlayed(
        track.history.number,
        recorded or recorded_course(book, track.deeds),
        course,
        tuple(found.misfits),
        tuple(track.broken),
        found.difference,
        is_same_pack=found.is_same_pack,
        lacking=frozenset(found.lacking),
        steps=track.steps,
        acts=track.acts,
    )


@dataclass
class _MatterPlay:
    book: Book
    tracks: list[Track]
    thrown: list[tuple[Track, str]] = field(default_factory=list)

    @cached_property
    def _by_id(self) -> dict[str, Track]:
        return {track.history.id: track for track in self.tracks}

    def play(self) -> None:
        """Go through all records in the order in which they were written."""
        for track, deed in self._in_order():
            key = deed.at, deed.seq
            for other in self.tracks:
                if other.keys:
                    self._fire_until(other, key if other is track else (deed.at, 0))
            track.now = key
            self._learn_offices(track, deed)
            self._take(track, deed)
        for track in self.tracks:
            self._fire_until(track, (self.book.horizon, _LAST))

    def _in_order(self) -> Iterator[tuple[Track, Deed]]:
        if len(self.tracks) == 1:
            yield from ((self.tracks[0], deed) for deed in self.tracks[0].deeds)
            return
        deeds = [
            (deed.at, place, deed.seq, track, deed)
            for place, track in enumerate(self.tracks)
            for deed in track.deeds
        ]
        for _, _, _, track, deed in sorted(deeds, key=lambda each: each[:3]):
            yield track, deed

    def _fire_until(self, track: Track, key: Key) -> None:
        """Fire what is due before a record, of which there is no record itself."""
        while (due := track.next_key()) < key:
            path, track.now = track.next_clock(due), due
            change = track.fire(path, due[0])
            track.findings.unmatched(due[1], "fired", f"{path} {local_date(due[0])}")
            if change is not None:
                self._follow(track, change, due[0], ())

    def _learn_offices(self, track: Track, deed: Deed) -> None:
        """Take over to which offices history resolved the rules of lanes on that day."""
        for each in deed.record["effects"]["opened"]:
            rule = self.book.rule_of(deed.record["definition"], path_at(each["task"]))
            track.offices[rule] = each["office"]

    # --------------------------------------------------------------- one record

    def _take(self, track: Track, deed: Deed) -> None:
        kind, record = deed.kind, deed.record
        if kind == "case_opened":
            if record["trigger"]["name"] == "beside":
                self._open_beside(track, deed)
            elif track.history.parent not in self._by_id:
                self._open(track, deed.at)
        elif kind == "clock_fired":
            self._fire(track, deed)
        elif kind == "message_received" and record["actor"].startswith("system:"):
            self._deliver(track, deed)
        elif kind in _ACTS:
            self._act(track, deed)
        elif kind == "withdrawn":
            self._withdraw(track, deed)
        elif kind == "case_closed":
            self._close(track, deed)
        elif kind == "corrected":
            self._correct(track, deed)
        elif record["effects"]["paused"] or record["effects"]["resumed"]:
            self._intervene(track, deed)

    def _open(self, track: Track, at: datetime) -> None:
        """Begin a case on what was known at its opening."""
        deed, pack = track.deeds[0], self.book.pack
        self._typed(track, deed)
        given = {name: change["new"] for name, change in deed.payload["facts"].items()}
        known = {name: value for name, value in given.items() if name in pack.facts}
        on = deed.on
        track.acts += 1
        track.now = (at, deed.seq)
        try:
            first = track.walk.steps(track.walk.definition, "", START, known)
            # What tables and counters wrote at the opening is theirs, not the officer's.
            typed = {
                name: value
                for name, value in known.items()
                if name in deed.payload["form"] or name not in first.facts_written
            }
            change = track.open(typed, at, on)
        except DubanError as error:
            track.findings.misfit(deed, track.walk, Reason.REFUSED, str(error))
            return
        self._compare(track, deed, change, {}, typed)
        self._follow(track, change, at, ())

    def _open_beside(self, track: Track, deed: Deed) -> None:
        """Open a case beside another where people did, if the pack and that case let them."""
        parent, opening = self._by_id.get(track.history.parent or ""), track.walk.definition.opening
        if parent is None or not parent.is_opened or opening is None:
            track.findings.misfit(deed, track.walk, Reason.NOT_OPENED)
            return
        names = Names(self.book.pack, parent.walk.facts)
        if opening.when is not None and not opening.when.holds(names, null_answers=True):
            track.findings.misfit(deed, track.walk, Reason.REFUSED, opening.when.text)
            return
        self._open(track, deed.at)

    def _act(self, track: Track, deed: Deed) -> None:
        track.acts += 1
        facts = self._typed(track, deed)
        if not self._is_under_way(track, deed):
            return
        path = place_for(track.walk, deed, self.book.activities)
        if isinstance(path, Reason):
            track.findings.misfit(deed, track.walk, path)
            return
        is_message = deed.kind == "message_received"
        trigger = trigger_of(TriggerType.MESSAGE if is_message else TriggerType.TASK, path)
        self._move(track, deed, trigger, facts)

    def _typed(self, track: Track, deed: Deed) -> dict[str, FactValue]:
        """Give the facts that an act wrote, and note those that the pack lacks."""
        known = self.book.definition(deed.record["definition"]).pack.facts
        facts = {name: value for name, value in deed.payload["form"].items() if name in known}
        if not track.findings.is_same_pack:
            track.findings.lacking.update(lacking(self.book.pack, facts))
        return facts

    def _is_under_way(self, track: Track, deed: Deed) -> bool:
        if track.is_opened and not track.walk.ended:
            return True
        reason = Reason.ENDED if track.is_opened else Reason.NOT_OPENED
        track.findings.misfit(deed, track.walk, reason)
        return False

    def _move(
        self, track: Track, deed: Deed, trigger: Trigger, facts: dict[str, FactValue]
    ) -> None:
        before = track.walk.facts
        moved = Input(deed.at, deed.recorded_on, trigger, trigger.path, facts, deed.on)
        try:
            change = track.move(moved)
        except DubanError as error:
            track.findings.misfit(deed, track.walk, Reason.REFUSED, str(error))
            return
        self._compare(track, deed, change, before, facts)
        if change.step.operations:
            self._follow(track, change, deed.at, deed.payload["links"].get("opens", ()))

    def _fire(self, track: Track, deed: Deed) -> None:
        """Fire history's clock at its turn, where it runs and is due here too."""
        path, before = deed.path, track.walk.facts
        is_due = track.keys.get(path) == (deed.at, deed.seq)
        change = track.fire(path, deed.at) if is_due else None
        if change is None:
            track.findings.missing(deed, "fired")
            return
        self._compare(track, deed, change, before, {})
        opens = deed.payload["links"].get("opens", ())
        self._follow(track, change, deed.at, opens)

    def _deliver(self, track: Track, deed: Deed) -> None:
        """Bring here what another case has thrown, as history's sweep did."""
        name = deed.record["trigger"]["name"]
        was_sent = any(sent == name and sender is not track for sender, sent in self.thrown)
        path = place_for(track.walk, deed, self.book.activities) if was_sent else None
        if isinstance(path, str) and not isinstance(path, Reason):
            self._move(track, deed, Trigger(TriggerType.MESSAGE, path), {})
        else:
            track.findings.missing(deed, "message")

    def _withdraw(self, track: Track, deed: Deed) -> None:
        """Take back what a late entry made baseless, once, at the last of its records."""
        following = track.deeds[deed.seq :]
        if following and following[0].record["kind"] == "withdrawn":
            return
        group = [
            *takewhile(
                lambda each: each.record["kind"] == "withdrawn",
                reversed(track.deeds[: deed.seq]),
            )
        ]
        clocks = [track.deeds[each.record["about"]["seq"] - 1].ref for each in group]
        done_at = following[0].occurred_at if following else deed.at
        taken = withdraw(track, clocks, done_at, deed.at)
        if not taken or track.walk.marking_hash != deed.record["to"]:
            track.findings.missing(deed, "withdrawn")

    def _close(self, track: Track, deed: Deed) -> None:
        track.acts += 1
        if self._is_under_way(track, deed):
            track.close(deed.at)

    def _intervene(self, track: Track, deed: Deed) -> None:
        """Stop clocks, or let them go on, as an officer did."""
        track.acts += 1
        if not self._is_under_way(track, deed):
            return
        effects, dates = deed.record["effects"], _dates_moved(deed)
        for name in ("paused", "resumed"):
            for place in effects[name]:
                self._turn(track, deed, path_at(place), stops=name == "paused")
        for place, due_on in dates.items():
            clock = track.walk.clocks.get(path_at(place))
            played = clock.due.due_on.isoformat() if clock and clock.place == place else ""
            track.findings.compare_date(deed, due_on, played)

    def _correct(self, track: Track, deed: Deed) -> None:
        """Know facts otherwise, as far as the pack has them."""
        if track.is_opened and not track.walk.ended:
            known = self.book.pack.facts
            changes = deed.payload["facts"].items()
            facts = {name: change["new"] for name, change in changes if name in known}
            track.move(Input(deed.at, deed.recorded_on, None, "", facts, deed.on))

    def _turn(self, track: Track, deed: Deed, path: str, *, stops: bool) -> None:
        clock = track.walk.clocks.get(path)
        if clock is None or clock.is_paused is stops:
            track.findings.misfit(deed, track.walk, Reason.NOT_OPEN)
            return
        track.move(Input(deed.at, deed.recorded_on, None, path, {}, deed.on, stops))

    # ------------------------------------------------------------ what follows

    def _follow(self, track: Track, change: Change, at: datetime, opens: Iterable[str]) -> None:
        """Open the cases and throw the messages that a step asks for."""
        waiting = list(opens)
        for call in change.step.operations:
            if call.name == "open_case" and waiting:
                child = self._by_id.get(waiting.pop(0))
                if child is not None and not child.is_opened:
                    self._open(child, at)
            elif call.name == "send_message":
                self._throw(track, call, at)

    def _throw(self, track: Track, call: OperationCall, at: datetime) -> None:
        """Throw a message; who waits has it at once, unless history has him receive it."""
        name, to = str(call.parameters.get("message")), call.parameters.get("to")
        self.thrown.append((track, name))
        for other in self.tracks:
            if other is track or not _is_to(to, track, other):
                continue
            path = _waiting_at(other, name)
            if path is None or any(_is_delivery(deed, name) for deed in other.deeds):
                continue
            trigger = Trigger(TriggerType.MESSAGE, path)
            try:
                change = other.move(Input(at, local_date(at), trigger, path, {}, local_date(at)))
            except DubanError as error:
                other.broken.append(f"{path}: {error}")
                continue
            self._follow(other, change, at, ())

    def _compare(
        self, track: Track, deed: Deed, change: Change, before: Facts, typed: Facts
    ) -> None:
        if track.findings.compares:
            told = Told(track.walk.definition, change, before, typed, track.office_of)
            track.findings.compare(self.book, deed, told)


def _dates_moved(deed: Deed) -> dict[str, str]:
    return {each["clock"]: each["due_on"] for each in deed.record["effects"]["moved"]}


def _is_to(to: object, sender: Track, other: Track) -> bool:
    """Tell whether a message of one case is for another: all, those of a process, the origin."""
    if to == "origin":
        return sender.history.parent == other.history.id
    return to in (None, "", other.history.process_id)


def _waiting_at(track: Track, name: str) -> str | None:
    definition = track.walk.definition
    waiting = (path for path in track.walk.awaited if definition.message(path).message == name)
    return next(waiting, None)


def _is_delivery(deed: Deed, name: str) -> bool:
    record = deed.record
    is_message = record["kind"] == "message_received" and record["trigger"]["name"] == name
    return is_message and str(record["actor"]).startswith("system:")
