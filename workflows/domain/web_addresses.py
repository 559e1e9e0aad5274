"""Where calls to other systems may go: by HTTPS, and never back into the own network unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
LONGEST = 500
_LOOPBACK = ip_address("127.0.0.1")
# They carry an IPv4 address inside, which may be a private one.
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("2002::/16"), ip_network("2001::/32"))


@dataclass(frozen=True, slots=True)
class Target:
    """An address to call, in its parts; ``path`` has the query with it."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def literal(self) -> Address | None:
        """Give the host where it is written as an address."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Reach:
    """Which private networks may be called; in a demo or test this machine too, without TLS."""

    networks: tuple[Network, ...] = ()
    is_made_up: bool = False

    def allows(self, address: Address) -> bool:
        """Say whether an address may be called: a public one, or one that was named."""
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in self.networks if _alike(address, network)):
            return True
        if self.is_made_up and address == _LOOPBACK:
            return True
        is_translated = any(address in each for each in _TRANSLATED if _alike(address, each))
        return address.is_global and not address.is_multicast and not is_translated

    def allows_all(self, addresses: Iterable[Address]) -> bool:
        """Say whether each of some addresses may be called; of none, none may."""
        found = tuple(addresses)
        return bool(found) and all(self.allows(each) for each in found)


def read_target(url: str, reach: Reach) -> Target | str:
    """Take an address to pieces, or give the code of what is wrong with it.

    Returns:
        The target; or ``unreadable``, ``not_https``, ``private``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "unreadable"
    host = parts.hostname or ""
    is_clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    if not is_clean or not host or parts.username is not None or parts.fragment:
        return "unreadable"
    is_own = reach.is_made_up and host == str(_LOOPBACK)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_own):
        return "not_https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    literal = target.literal
    if literal is not None and not reach.allows(literal):
        return "private"
    return target


def _alike(address: Address, network: Network) -> bool:
    return address.version == network.version
