"""Ids of cases, accounts, people and organisations."""

from __future__ import annotations

import base64
import secrets
from typing import Literal

Prefix = Literal["c", "u", "p", "o", "m", "h", "k", "d", "r", "x", "i", "n", "w"]


def new_id(prefix: Prefix) -> str:
    """Make an id of 128 random bits, derived from nothing.

    Returns:
        The prefix, an underscore and 26 lower-case base32 characters.
    """
    letters = base64.b32encode(secrets.token_bytes(16)).decode("ascii")
    return f"{prefix}_{letters.rstrip('=').lower()}"
