"""The history of a made-up world played again, in memory."""

from datetime import timedelta

from tests.support.casework import World
from workflows.domain.clocks import local_date
from workflows.engine import Pack
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.deeds import read_deeds
from workflows.engine.simulation.histories import MatterHistory
from workflows.engine.simulation.playing import CasePlayed, play_matter
from workflows.engine.simulation.recorded import recorded_course
from workflows.services.history.histories import Period, matters_of, read_matters, read_surroundings
from workflows.services.packs import current_pack


def history_of(world: World, pack: Pack | None = None) -> tuple[Book, list[MatterHistory]]:
    """Read all cases of a world, to be played against a pack, or the one that they ran on."""
    today = local_date(world.now)
    period = Period(today - timedelta(days=2000), today)
    with world.transaction() as session:
        pack = pack or current_pack(session, today)
        matters = read_matters(session, pack, matters_of(session, period))
        book = Book.open(read_surroundings(session, pack, world.now))
    return book, matters


def replayed(world: World, pack: Pack | None = None) -> list[CasePlayed]:
    """Play all cases of a world against a pack, or against the one that they ran on."""
    book, matters = history_of(world, pack)
    return [played for matter in matters for played in play_matter(book, matter)]


def assert_reproduced(world: World) -> None:
    """Make sure that the pack on which the cases ran leads each where it went."""
    book, matters = history_of(world)
    cases = [played for matter in matters for played in play_matter(book, matter)]
    deeds = [read_deeds(history) for matter in matters for history in matter.cases]
    assert cases
    for played, done in zip(cases, deeds, strict=True):
        assert played.is_same_pack
        assert played.difference is None, played.difference
        assert played.misfits == (), played.misfits
        assert played.broken == (), played.broken
        assert done is not None
        recorded = recorded_course(book, done)
        assert played.course == recorded, (recorded, played.course)
