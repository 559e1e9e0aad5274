"""Acts at the same moment."""

import threading
from collections.abc import Callable

from workflows.domain.errors import DubanError


def race(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment; give what each returned or raised."""
    gate = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcomes[number] = act()
        except DubanError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
