"""By what this engine is known: a report is good for the engine that it was made with."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def engine_stamp() -> str:
    """Give the hash over the engine's sources and the version of SpiffWorkflow."""
    folder = Path(__file__).parent
    whole = hashlib.sha256(version("SpiffWorkflow").encode())
    for file in sorted(folder.rglob("*.py")):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return whole.hexdigest()
