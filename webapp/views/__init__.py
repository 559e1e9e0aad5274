"""Pages, a module for each place in the menu."""

from __future__ import annotations

from flask import Blueprint

from webapp.views import account, administration, demo_clock, session


def blueprints() -> tuple[Blueprint, ...]:
    """Give the parts of the pages, in the order of the menu."""
    return (
        session.blueprint,
        account.blueprint,
        administration.blueprint,
        demo_clock.blueprint,
    )
