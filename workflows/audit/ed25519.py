"""Ed25519 verification after RFC 8032, with nothing but the standard library.

There is no signing here: its time would tell the key. Verifying handles public values
only. Part of verify.py.

Stricter than the RFC asks in one place: a public key of small order is refused, since
with it one signature would do for many messages. Points and scalars must be written in
their one canonical form, so that a signature cannot be rewritten into another one.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

_PRIME = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_EDWARDS_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
_TWICE_D = 2 * _EDWARDS_D % _PRIME
_ROOT_OF_MINUS_ONE = pow(2, (_PRIME - 1) // 4, _PRIME)

# A point (x, y) as (X, Y, Z, T) with x = X/Z, y = Y/Z and T = X·Y/Z (RFC 8032, 5.1.4).
_Point: TypeAlias = tuple[int, int, int, int]
_NEUTRAL: _Point = (0, 1, 1, 0)


def is_ed25519_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the holder of this key signed this message (RFC 8032, 5.1.7)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, scalar = _decoded_point(public_key), int.from_bytes(signature[32:], "little")
    if key is None or scalar >= _ORDER or _is_small_order(key):
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    # S·B = R + k·A without the cofactor, told by the bytes of R = S·B − k·A: they are
    # canonical, so no other spelling of R passes.
    return _encoded(_sum_of_multiples(scalar, _BASE, challenge, _negative(key))) == signature[:32]


def is_ed25519_key(public_key: bytes) -> bool:
    """Tell whether these 32 bytes are a public key that signatures can be checked with."""
    key = _decoded_point(public_key) if len(public_key) == 32 else None
    return key is not None and not _is_small_order(key)


def _decoded_point(encoded: bytes) -> _Point | None:
    """Read a point, or give None where these bytes are none (RFC 8032, 5.1.3)."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _PRIME:
        return None
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % _PRIME)


def _x_of(y: int, sign: int) -> int | None:
    over = (y * y - 1) % _PRIME
    under = (_EDWARDS_D * y * y + 1) % _PRIME
    cubed = under * under * under % _PRIME
    x = over * cubed * pow(over * cubed * under**4 % _PRIME, (_PRIME - 5) // 8, _PRIME) % _PRIME
    if (under * x * x - over) % _PRIME:
        x = x * _ROOT_OF_MINUS_ONE % _PRIME
    if (under * x * x - over) % _PRIME or (x == 0 and sign):
        return None
    return x if x & 1 == sign else _PRIME - x


def _encoded(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _PRIME)
    x, y = point[0] * inverse % _PRIME, point[1] * inverse % _PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _negative(point: _Point) -> _Point:
    return (_PRIME - point[0], point[1], point[2], _PRIME - point[3])


def _is_small_order(point: _Point) -> bool:
    eightfold = _doubled(_doubled(_doubled(point)))
    return eightfold[0] % _PRIME == 0 and (eightfold[1] - eightfold[2]) % _PRIME == 0


def _added(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % _PRIME
    c = one[3] * other[3] * _TWICE_D % _PRIME
    d = 2 * one[2] * other[2] % _PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME)


def _doubled(point: _Point) -> _Point:
    a, b = point[0] * point[0], point[1] * point[1]
    h = a + b
    e = h - (point[0] + point[1]) ** 2
    g = a - b
    f = 2 * point[2] * point[2] + g
    return (e * f % _PRIME, g * h % _PRIME, f * g % _PRIME, e * h % _PRIME)


def _sum_of_multiples(n: int, one: _Point, m: int, other: _Point) -> _Point:
    """Give n·one + m·other, going through the bits of both together."""
    addends = (None, one, other, _added(one, other))
    total = _NEUTRAL
    for bit in range(max(n.bit_length(), m.bit_length()) - 1, -1, -1):
        total = _doubled(total)
        addend = addends[(n >> bit & 1) | (m >> bit & 1) << 1]
        if addend is not None:
            total = _added(total, addend)
    return total


def _base_point() -> _Point:
    """Give the point with y = 4/5 and an even x (RFC 8032, 5.1)."""
    base = _decoded_point((4 * pow(5, -1, _PRIME) % _PRIME).to_bytes(32, "little"))
    if base is None:
        raise AssertionError("the base point is on the curve")
    return base


_BASE = _base_point()
