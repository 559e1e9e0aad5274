"""Calling another system once, at the very address that was looked at before.

Proxies of the environment are not used and redirects not followed: both would lead
elsewhere than to what was checked.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from threading import Timer

from workflows.domain.web_addresses import Address, Reach, Target, read_target

_SECONDS = 10
# The other side may send its answer as slowly as it likes, but not for longer.
_WHOLE_SECONDS = 30


def post(url: str, body: bytes, headers: Mapping[str, str], reach: Reach) -> str:
    """Send a body; give what went wrong, or nothing where the answer was 2xx.

    Returns:
        Empty, ``status 500`` or the like, ``unreachable``, ``certificate``, or a code of
        ``read_target``.
    """
    target = read_target(url, reach)
    if isinstance(target, str):
        return target
    try:
        addresses = _resolve(target)
        if not reach.allows_all(addresses):
            return "private"
        return _send(target, addresses[0], body, headers)
    except ssl.SSLError:
        return "certificate"
    except (OSError, HTTPException):
        return "unreachable"


def _resolve(target: Target) -> list[Address]:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return [ip_address(str(each[4][0]).partition("%")[0]) for each in found]


def _send(target: Target, address: Address, body: bytes, headers: Mapping[str, str]) -> str:
    connection = HTTPConnection(target.host, target.port, timeout=_SECONDS)
    with closing(connection):
        connection.sock = _connected(target, address)
        limit = Timer(_WHOLE_SECONDS, _cut, [connection.sock])
        limit.start()
        try:
            connection.request("POST", target.path, body, {"Host": _host(target), **headers})
            status = connection.getresponse().status
        finally:
            limit.cancel()
    return "" if 200 <= status < 300 else f"status {status}"


def _connected(target: Target, address: Address) -> socket.socket:
    plain = socket.create_connection((str(address), target.port), timeout=_SECONDS)
    if target.scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except OSError:
        plain.close()
        raise


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


def _host(target: Target) -> str:
    is_usual = target.port == (443 if target.scheme == "https" else 80)
    host = f"[{target.host}]" if ":" in target.host else target.host
    return host if is_usual else f"{host}:{target.port}"
