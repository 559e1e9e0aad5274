"""Progress of long work, shown only to somebody who looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress_bar(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on standard error while work goes on; nothing where that is no terminal.

    Yields:
        A function that takes how much is done and how much there is.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)

        def advance(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield advance


@contextmanager
def counting_bar(what: str, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar for work that tells its parts one by one, and not how many there are.

    Yields:
        A function that takes how much more is done.
    """
    with progress_bar(what, quiet=quiet) as advance:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            advance(done, done)

        yield count
