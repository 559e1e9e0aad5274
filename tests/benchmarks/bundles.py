"""What a bundle costs to write and to verify, as a reviewer does: verify.py in a process."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.large_bundles import LargeBundle

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BundleFigure:
    """One measurement: seconds on the clock, seconds of work, and memory at its largest."""

    what: str
    record_count: int
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float


def measure_bundles(record_count: int) -> Iterator[BundleFigure]:
    """Write a bundle of about so many records and verify it with the verify.py in it."""
    with tempfile.TemporaryDirectory(prefix="duban-bundle-") as folder:
        path, script = Path(folder) / "bundle.zip", Path(folder) / "verify.py"
        yield _written(path, record_count)
        with zipfile.ZipFile(path) as archive:
            script.write_bytes(archive.read("verify.py"))
        yield _verified(path, script, record_count)


def _written(path: Path, record_count: int) -> BundleFigure:
    bundle = LargeBundle(record_count)
    before = psutil.Process().memory_info().rss
    clock, work = time.perf_counter(), time.process_time()
    bundle.write(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return BundleFigure(
        "write a bundle",
        bundle.record_count,
        time.perf_counter() - clock,
        time.process_time() - work,
        max(peak - before, 0) / _MB,
    )


def _verified(path: Path, script: Path, record_count: int) -> BundleFigure:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    clock, peak = time.perf_counter(), 0
    command = [sys.executable, "-I", "-S", str(script), str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as verifying:
        while verifying.poll() is None:
            peak = max(peak, _memory_of(verifying.pid))
            time.sleep(0.2)
    if verifying.returncode != 0:
        raise AssertionError("the bundle that was written does not verify")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - clock
    return BundleFigure("verify a bundle", record_count, seconds, work, peak / _MB)


def _memory_of(pid: int) -> int:
    """Add up what a process and its children hold; what they share counts once."""
    total = 0
    try:
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            total += each.memory_full_info().pss
    except psutil.Error:
        return total
    return total
