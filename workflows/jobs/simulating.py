"""Back-tests and simulations over many cases, played in worker processes (DESIGN 4.6).

Nothing is written: histories come through a scope from sessions that cannot write, and
what processes hand back is counted in memory.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sized
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from time import process_time
from typing import ClassVar, Protocol, TypeAlias, TypeVar

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.errors import InvalidInput
from workflows.engine import Pack
from workflows.engine.simulation.books import Book, Surroundings
from workflows.engine.simulation.customs import Customs, read_customs
from workflows.engine.simulation.histories import MatterHistory, Sweeps
from workflows.engine.simulation.made_up import MadeUpOffice
from workflows.engine.simulation.playing import play_matter
from workflows.engine.simulation.report import Sample, SimulationReport, report_of
from workflows.engine.simulation.tally import Tally, tally_of
from workflows.services.history.histories import (
    Period,
    matters_of,
    office_names,
    read_matters,
    read_surroundings,
    refuse_lacking,
)
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "simulate"
BATCH = 40
# Officers learn the forms anew with each batch, so theirs is larger.
MADE_UP_BATCH = 250
# Below so many matters a second process costs more than it saves.
_WORTH_A_PROCESS = 200
Progress: TypeAlias = Callable[[int, int], None]
_Played: TypeAlias = tuple[int, Tally, float]
_Batch_contra = TypeVar("_Batch_contra", bound=Sized, contravariant=True)


class TooManyMatters(InvalidInput):
    """The period has {matters} matters; at once no more than {most} are played."""

    code: ClassVar[str] = "too_many_matters"


class FactsLacking(InvalidInput):
    """The pack does not know, or not with these values, what acts wrote: {facts}"""

    code: ClassVar[str] = "facts_lacking"


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast cases were played; ``cpu_seconds`` is the time of all processes together."""

    steps: int
    cpu_seconds: float
    workers: int

    @property
    def steps_a_second(self) -> float:
        """Give the steps of a second and core."""
        return self.steps / self.cpu_seconds if self.cpu_seconds else 0.0


def last_year(now: datetime) -> Period:
    """Give the year that ends today."""
    today = local_date(now)
    return Period(today - timedelta(days=365), today)


def default_workers(matters: int) -> int:
    """Give how many processes so many matters are worth."""
    return 1 if matters < _WORTH_A_PROCESS else os.cpu_count() or 1


def backtest(
    sessions: Sessions,
    pack: Pack,
    period: Period,
    now: datetime,
    *,
    workers: int | None = None,
    most: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> tuple[SimulationReport, Speed]:
    """Replay the acts of a period's cases against a pack, up to now.

    Args:
        sessions: Sessions that cannot write.
        pack: The pack under test.
        period: When the matters were registered whose cases are played.
        now: Up to when they are played.
        workers: How many processes play; without it as many as the cases are worth.
        most: How many matters somebody waits for at most.
        progress: Called with how many matters are done, and how many there are.

    Raises:
        TooManyMatters: The period has more.
        PeriodEmpty: No matter was registered in the period.
        ProcessesLacking, FactsLacking: The pack cannot take these cases at all.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        matter_ids = matters_of(session, period)
        if most is not None and len(matter_ids) > most:
            raise TooManyMatters(matters=len(matter_ids), most=most)
        refuse_lacking(session, pack, period)
        surroundings = read_surroundings(session, pack, now)
        processes = workers or default_workers(len(matter_ids))
        tally, seconds, done = Tally(), 0.0, 0
        batches = _read(session, pack, matter_ids)
        for count, part, spent in _play_all(surroundings, batches, processes, _play_histories):
            if part.lacking:
                raise FactsLacking(facts=", ".join(sorted(part.lacking)))
            tally.merge(part)
            seconds, done = seconds + spent, done + count
            progress(done, len(matter_ids))
        names = office_names(session)
    sample = Sample("history", period.from_on, period.to_on, local_date(now))
    return report_of(pack, sample, tally, names), Speed(tally.steps, seconds, processes)


def _read(session: Session, pack: Pack, matter_ids: list[str]) -> Iterator[list[MatterHistory]]:
    for start in range(0, len(matter_ids), BATCH):
        yield read_matters(session, pack, matter_ids[start : start + BATCH])


def simulate_made_up(
    pack: Pack,
    calendar: Calendar,
    from_on: date,
    *,
    seed: int,
    matters: int,
    workers: int | None = None,
    progress: Progress = lambda _done, _total: None,
) -> tuple[SimulationReport, Speed]:
    """Walk made-up matters through a pack; no installation is needed for it.

    Args:
        pack: The pack under test.
        calendar: The working days.
        from_on: The first day on which a matter may be registered.
        seed: The same one gives the same matters.
        matters: How many.
        workers: How many processes play; without it as many as the matters are worth.
        progress: Called with how many matters are done, and how many there are.
    """
    customs = read_customs()
    days = customs.opened_over_days + customs.followed_days
    until_on = from_on + timedelta(days=days)
    since = due_at_of(from_on)
    surroundings = Surroundings(
        dict(pack.files), {}, ((since, calendar.jsonl()),), Sweeps(), due_at_of(until_on)
    )
    play = _MadeUp(customs, from_on, seed)
    batches = (
        range(first, min(first + MADE_UP_BATCH, matters))
        for first in range(0, matters, MADE_UP_BATCH)
    )
    tally, seconds, done = Tally(), 0.0, 0
    processes = workers or default_workers(matters)
    for count, part, spent in _play_all(surroundings, batches, processes, play):
        tally.merge(part)
        seconds, done = seconds + spent, done + count
        progress(done, matters)
    to_on = from_on + timedelta(days=customs.opened_over_days - 1)
    sample = Sample("synthetic", from_on, to_on, until_on, seed)
    return report_of(pack, sample, tally, {}), Speed(tally.steps, seconds, processes)


class _Player(Protocol[_Batch_contra]):
    """Plays a batch with a book; made once and handed to every process."""

    def __call__(self, book: Book, batch: _Batch_contra) -> Tally: ...


def _play_histories(book: Book, batch: list[MatterHistory]) -> Tally:
    return tally_of(each for matter in batch for each in play_matter(book, matter))


@dataclass(frozen=True, slots=True)
class _MadeUp:
    customs: Customs
    from_on: date
    seed: int

    def __call__(self, book: Book, batch: range) -> Tally:
        office, tally = MadeUpOffice(book, self.customs, self.from_on, self.seed), Tally()
        for number in batch:
            for case in office.play(number):
                tally.add_made_up(case)
        return tally


def _play_all(
    surroundings: Surroundings,
    batches: Iterator[_Batch_contra],
    processes: int,
    play: _Player[_Batch_contra],
) -> Iterator[_Played]:
    if processes == 1:
        book = Book.open(surroundings)
        for batch in batches:
            yield _timed(book, batch, play)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_open_book, initargs=(surroundings,)
    ) as pool:
        waiting = {pool.submit(_play_here, each, play) for each in islice(batches, 2 * processes)}
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            # No more is read than is played: memory stays flat.
            waiting |= {pool.submit(_play_here, each, play) for each in islice(batches, len(done))}
            yield from (future.result() for future in done)


_MADE_BEFORE_LOOKING = 50_000
# The book of a worker process, opened once as the process starts.
_opened: list[Book] = []


def _open_book(surroundings: Surroundings) -> None:
    _opened.append(Book.open(surroundings))
    # Packs stay; cases fall away by themselves, without being looked for so often.
    gc.freeze()
    gc.set_threshold(_MADE_BEFORE_LOOKING)


def _play_here(batch: _Batch_contra, play: _Player[_Batch_contra]) -> _Played:
    return _timed(_opened[0], batch, play)


def _timed(book: Book, batch: _Batch_contra, play: _Player[_Batch_contra]) -> _Played:
    begun = process_time()
    tally = play(book, batch)
    return len(batch), tally, process_time() - begun
