"""Addresses compiled once in a test process, however many applications it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from flask import Flask
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class CompiledOnce(Rule):
    """A rule whose functions that build an address are kept by what they are made of.

    They take the rule they build for and hold no application.
    """

    _kept: ClassVar[dict[object, Builder]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        made_of = (self.rule, tuple(self._trace), append_unknown)
        if made_of not in self._kept:
            self._kept[made_of] = super()._compile_builder(append_unknown)
        return self._kept[made_of]


def compile_addresses_once() -> None:
    """Give such rules to all applications made from now on."""
    Flask.url_rule_class = CompiledOnce
