"""Addresses that visitors bring along."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_address(address: str | None) -> str | None:
    """Give an address only where it leads nowhere but into these pages."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address
