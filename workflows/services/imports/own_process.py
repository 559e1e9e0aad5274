"""Reading what others sent in a process of its own: a bad file ends that process alone."""

from __future__ import annotations

import subprocess
import sys


def in_own_process(module: str, content: bytes, seconds: float, *words: str) -> bytes:
    """Give what a module of ours writes about a file; nothing where it fails or takes too long.

    The module reads the file from its standard input and limits itself (`limit_this_process`).
    """
    command = [sys.executable, "-m", module, *words]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no words of anybody else
            command, input=content, capture_output=True, timeout=seconds, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        return b""
    return done.stdout
