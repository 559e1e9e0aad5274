"""What a million records take of memory: the growth is counted, from a few to some more."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tests.benchmarks.large_bundles import LargeBundle
from tests.support.logs import made_up_record, sqlite_log_world, stream_id, write_records
from tests.support.measured import peak_of
from workflows.services.exports.sorting import sorted_lines
from workflows.services.log.sequencing import seal_log

FEW, MANY = 1_000, 5_000


def test_writing_a_bundle_keeps_next_to_nothing_for_a_record(tmp_path: Path) -> None:
    bundles = {count: LargeBundle(count) for count in (FEW, MANY)}
    bundles[FEW].write(tmp_path / "first.zip")
    peaks = {
        count: peak_of(partial(bundle.write, tmp_path / f"{count}.zip"))
        for count, bundle in bundles.items()
    }
    # One byte a leaf; a hash of each would be 32 more.
    assert (peaks[MANY] - peaks[FEW]) / (MANY - FEW) < 20


def test_sorting_holds_no_more_lines_than_it_was_told(tmp_path: Path) -> None:
    def sort(count: int) -> None:
        lines = (b"%09d\n" % (each * 7919 % count) for each in range(count))
        expected = 0
        for line in sorted_lines(lines, tmp_path, at_once=FEW):
            assert line == b"%09d\n" % expected
            expected += 1
        assert expected == count

    sort(FEW)
    few, many = (peak_of(partial(sort, count)) for count in (2 * FEW, 20 * FEW))
    # A buffer of some KiB for each thousand lines is what is left.
    assert (many - few) / (18 * FEW) < 20
    assert list(tmp_path.iterdir()) == []


def test_sealing_the_whole_log_keeps_nothing_for_a_stream(tmp_path: Path) -> None:
    peaks = []
    with sqlite_log_world(tmp_path) as world:
        for first, last in ((1, FEW), (FEW, 6 * FEW), (6 * FEW, 14 * FEW)):
            with world.transaction() as session:
                made = (
                    made_up_record(stream_id(each), 1, world.now) for each in range(first, last)
                )
                write_records(session, *made)
            with world.transaction() as session:
                peaks.append(peak_of(partial(seal_log, session, world.now)))
    # The first warms up; a dictionary's entry for each stream would be two hundred bytes.
    assert (peaks[2] - peaks[1]) / (3 * FEW) < 60
