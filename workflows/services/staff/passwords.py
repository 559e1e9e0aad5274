"""Passwords: argon2id hashes, one-time passwords, and what a new one must be."""

from __future__ import annotations

import secrets
from typing import ClassVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflows.domain.errors import InvalidInput

LEAST_LENGTH = 10
MOST_LENGTH = 128
# No look-alikes: these are read from paper and typed.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5

# The least that OWASP's Password Storage Cheat Sheet asks of argon2id: on two shared cores
# the library's default takes up to a second, and eight logins at once half a gigabyte.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with where a name is unknown, so that both answers cost the same.
_NOBODY = _hasher.hash(secrets.token_urlsafe(24))


class PasswordWeak(InvalidInput):
    """The new password is not good enough: {reason}"""

    code: ClassVar[str] = "password_weak"


def hash_password(password: str) -> str:
    """Hash a password with argon2id and a salt of its own."""
    return _hasher.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Say whether a password belongs to a hash; costs the same without a hash."""
    try:
        matches = _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(matches) and password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Say whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """Make a password of 98 random bits to be typed once, in groups that can be read aloud."""
    groups = (
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def check_new_password(password: str, *, username: str, old_hash: str | None) -> None:
    """Refuse a password that is short, made of few characters, the name, or the old one.

    Raises:
        PasswordWeak: With ``reason`` one of ``short``, ``long``, ``simple``, ``name``, ``same``.
    """
    reason = ""
    if len(password) < LEAST_LENGTH:
        reason = "short"
    elif len(password) > MOST_LENGTH:
        reason = "long"
    elif username.casefold() in password.casefold():
        reason = "name"
    elif len(set(password)) < LEAST_LENGTH // 2:
        reason = "simple"
    elif old_hash is not None and verify_password(password, old_hash):
        reason = "same"
    if reason:
        raise PasswordWeak(reason=reason)
