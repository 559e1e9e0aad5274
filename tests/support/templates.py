"""Templates compiled once in a test process, however many applications it makes."""

from __future__ import annotations

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledInMemory(BytecodeCache):
    """Keeps what was compiled, by name and content, as long as the process lives."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was kept, if it was made of the same source."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


def compile_templates_once() -> None:
    """Give the cache to all applications made from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledInMemory()}
