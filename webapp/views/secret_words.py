"""The list of words against state secrets, kept by the security administrator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput
from workflows.domain.secret_words import DEFAULTS, WordKind
from workflows.services.secrecy.secret_words import OFF, set_word, word_list

blueprint = Blueprint("secret_words", __name__, url_prefix="/administration/secret-words")
KINDS: dict[WordKind, Any] = {
    WordKind.HARD: _l("出现即拒绝"),
    WordKind.WARN: _l("须确认不含国家秘密"),
    WordKind.HARMLESS: _l("不按涉密处理"),
}


@blueprint.get("/")
@requires(Permission.GRANTS)
@in_transaction
def page(work: Work) -> Any:
    """Show the words in force by what they do."""
    words = word_list(work.session)
    return render_template(
        "administration/secret_words.html",
        kinds=[(kind, name, words.of(kind)) for kind, name in KINDS.items()],
        defaults=DEFAULTS,
        off=OFF,
    )


@blueprint.post("/")
@requires(Permission.GRANTS)
@in_transaction
def change(work: Work) -> Any:
    """Put a word on the list, change what it does, or take it away."""
    asked = request.form.get("kind", "")
    kind = WordKind(asked) if asked in set(WordKind) else None
    with tell_outcome(work, gettext("词表已修改，立即生效。"), (InvalidInput,)):
        set_word(work.session, work.actor, work.now, request.form.get("word", ""), kind)
    return redirect(url_for("secret_words.page"))
