"""The app factory."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Flask, abort, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from webapp import dates, figures
from webapp.extensions import babel, csrf, db, limiter
from webapp.forms.refusals import install_refusals
from webapp.frame.error_pages import install_error_pages
from webapp.frame.headers import install_headers
from webapp.frame.receiving import Received
from webapp.frame.shell import frame, receive_visitor
from webapp.gates.permissions import Permission, may
from webapp.gates.secrets import stop_secrets
from webapp.languages import LANGUAGES, choose_language, language, use_po_files
from webapp.papers.glyphs import code_points, missing_signs
from webapp.sayings import named, said
from webapp.settings import Settings, secret_key
from webapp.views import blueprints
from webapp.words import labels
from webapp.words.incidents import incident_line
from webapp.work import prepare_sessions
from workflows.engine.forms import MAX_FILES
from workflows.store.connection import engine_options

_DIST = Path(__file__).resolve().parent / "static" / "dist"


def create_app(settings: Settings, **overrides: Any) -> Flask:
    """Make the web application of an installation.

    Args:
        settings: What differs between installations.
        overrides: Flask configuration values, for tests.
    """
    app = Flask("webapp", instance_path=str(settings.instance.absolute()))
    app.request_class = Received
    app.config.update(_configuration(settings))
    app.config.update(overrides)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.url_map.converters["int"] = RowNumber
    _install_extensions(app)
    prepare_sessions(app, settings)
    app.before_request(_refuse_nul)
    app.before_request(receive_visitor)
    app.before_request(stop_secrets)
    app.teardown_request(_let_go_of_uploads)
    install_headers(app)
    install_refusals(app)  # after it: an answer passes here before its headers are set
    install_error_pages(app)
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    _prepare_templates(app)
    return app


class RowNumber(IntegerConverter):
    """A number in an address; one that no row can have is no page."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": secret_key(settings.instance),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "SESSION_COOKIE_NAME": "duban",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PREFERRED_URL_SCHEME": "https" if settings.https else "http",
        # The cookie goes out with pages only (receive_visitor): an image's late answer would
        # bring back the one from before, without the confirmation of an act done meanwhile.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=settings.session_minutes),
        "MAX_CONTENT_LENGTH": settings.upload_megabytes * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,  # the token lives as long as its session
        "WTF_CSRF_SSL_STRICT": settings.https,
    }


def _install_extensions(app: Flask) -> None:
    db.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(
        app,
        default_locale="zh_Hans_CN",
        default_timezone="Asia/Shanghai",
        locale_selector=choose_language,
    )
    use_po_files(app)


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        dates.FILTERS | figures.FILTERS, missing_signs=missing_signs, code_points=code_points
    )
    app.jinja_env.globals.update(
        asset=asset,
        incident_line=incident_line,
        most_files=MAX_FILES,
        left=dates.left,
        may=may,
        Permission=Permission,
        words=labels,
        LANGUAGES=LANGUAGES,
        page_language=language,
    )
    figures.write_values_of_sentences(app.jinja_env, said)
    app.jinja_env.finalize = named
    app.context_processor(frame)


def asset(name: str) -> str:
    """Give the address of a file of the bundle, with its version: it can be kept for ever."""
    return url_for("static", filename=f"dist/{name}", v=_versions().get(name, "0"))


@cache
def _versions() -> dict[str, str]:
    manifest = json.loads((_DIST / "manifest.json").read_text(encoding="utf-8"))
    versions: dict[str, str] = manifest["versions"]
    return versions


def _refuse_nul() -> None:
    """Refuse what no keyboard types and no text of PostgreSQL can hold, wherever it stands."""
    sent = (*request.args.items(multi=True), *request.form.items(multi=True))
    uploads = chain.from_iterable(request.files.listvalues())
    names = (file.filename or "" for file in uploads)
    if "\0" in "".join((request.path, *chain.from_iterable(sent), *names)):
        abort(400)


def _let_go_of_uploads(_error: BaseException | None) -> None:
    """Close the temporary files that large uploads were kept in."""
    request.close()
