"""Serving the pages with waitress, which runs everywhere."""

from __future__ import annotations

from flask import Flask
from waitress import create_server
from waitress.server import BaseWSGIServer, MultiSocketServer

_THREADS = 8


def make_server(app: Flask, host: str, port: int) -> MultiSocketServer | BaseWSGIServer:
    """Bind the address; port 0 takes a free one, which ``effective_port`` then tells."""
    server: MultiSocketServer | BaseWSGIServer = create_server(
        app,
        host=host,
        port=port,
        threads=_THREADS,
        ident="",  # nobody needs to know what serves
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
    )
    return server


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until interrupted."""
    server = make_server(app, host, port)
    try:
        server.run()
    finally:
        server.close()
