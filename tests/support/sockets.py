"""Keeps the tests on this machine."""

import ipaddress
import socket
import sys


class ReachedOutsideError(RuntimeError):
    """A test tried to reach another machine."""


def close_the_outside() -> None:
    """Refuse every connection and look-up that leaves this machine, for the whole process."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        opened, address = arguments
        if isinstance(opened, socket.socket) and opened.family in {socket.AF_INET, socket.AF_INET6}:
            _check(address[0] if isinstance(address, tuple) else address)
    elif event == "socket.getaddrinfo":
        _check(arguments[0])


def _check(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost"}:
        return
    try:
        is_local = ipaddress.ip_address(str(name)).is_loopback or str(name) == "0.0.0.0"  # noqa: S104
    except ValueError:
        is_local = False
    if not is_local:
        raise ReachedOutsideError(f"{name} is not this machine")
