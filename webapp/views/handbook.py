"""The handbook within the application: a list that can be searched, its pages, its pictures."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request, send_file

from webapp.frame.handbook import (
    PARTS,
    HandbookPage,
    handbook,
    occasions,
    pages_about,
    picture_path,
    render,
)
from webapp.frame.page_help import LOG_IN
from webapp.gates.permissions import Permission, requires
from webapp.languages import language

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("/")
@requires(Permission.OWN_ACCOUNT)
def contents() -> Any:
    """List the pages, or those whose title or headings hold what is looked for."""
    text = request.args.get("q", "").strip()[:60]
    found = sorted(pages_about(handbook(language()).values(), text), key=_place)
    parts = [(part, list(pages)) for part, pages in groupby(found, key=lambda page: page.part)]
    return render_template("help/contents.html", text=text, parts=parts, grouped=_by_occasion)


def _by_occasion(pages: Iterable[HandbookPage]) -> dict[str, list[HandbookPage]]:
    """Put pages under the occasion on which one reads them; what belongs to none under none."""
    left = {page.name: page for page in pages}
    grouped = {
        when: [left.pop(name) for name in names if name in left]
        for when, names in occasions(language()).items()
    }
    grouped[""] = list(left.values())
    return {when: found for when, found in grouped.items() if found}


def _place(page: HandbookPage) -> tuple[int, str]:
    """Give where a page stands in the list: by part, what is not of a part last."""
    order = PARTS.index(page.part) if page.part in PARTS else len(PARTS)
    return order, page.name


@blueprint.get("/log-in")
@requires(Permission.PUBLIC)
def log_in() -> Any:
    """Show how to log in, to whoever cannot."""
    return _show(f"how-to/{LOG_IN.page}")


@blueprint.get("/<path:name>")
@requires(Permission.OWN_ACCOUNT)
def page(name: str) -> Any:
    """Show a page of the handbook."""
    return _show(name)


@blueprint.get("/pictures/<path:name>")
@requires(Permission.OWN_ACCOUNT)
def picture(name: str) -> Any:
    """Give a picture of the handbook."""
    path = picture_path(name)
    if path is None:
        abort(404)
    return send_file(path, mimetype="image/webp")


def _show(name: str) -> str:
    pages = handbook(language())
    found = pages.get(name)
    if found is None:
        abort(404)
    return render_template("help/page.html", page=found, body=render(found, pages))
