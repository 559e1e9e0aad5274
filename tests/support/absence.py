"""What a test does where the machine lacks something it needs."""

import os
from typing import NoReturn

import pytest


def absent(what: str, install: str) -> NoReturn:
    """Skip the test on a developer's machine; fail it where nothing may be skipped."""
    reason = f"{what} is missing; {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
