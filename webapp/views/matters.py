"""The page of a matter, and registering a new one."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.case.facts import ladder_of
from webapp.case.forms import case_form, uploads_of
from webapp.forms.informants import InformantForm
from webapp.forms.mergers import TOWARDS
from webapp.forms.packs import PackForm, errors_of
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.errors import explain, sentence_for
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.engine import Pack
from workflows.queries.case.matter_page import earlier_matters, matter_page, similar_matters
from workflows.queries.organisations.finding import (
    branches_of,
    organisation_by_id,
    organisations_at,
    organisations_below,
    organisations_found,
)
from workflows.services.casework import ValidationFailed, open_matter
from workflows.services.packs import current_pack, pack_of
from workflows.services.secrecy.clearance import may_export
from workflows.services.secrecy.informant_guard import refuse_identity, texts_of
from workflows.services.secrecy.informants import keep_informant
from workflows.services.steps.attachments import described, keep_files
from workflows.services.tracks.registering import RegisteredAlready
from workflows.store.tables import Organisation

blueprint = Blueprint("matters", __name__, url_prefix="/matters")
REGISTERING_ROLES = ("R01", "R03")
_INFORMANT = "_informant_"


@blueprint.get("/<matter_id>")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, matter_id: str) -> Any:
    """Show a matter: one ladder with every case of it that the visitor may see."""
    found = matter_page(work.session, matter_id, work.today)
    packs = {line.case.id: pack_of(work.session, line.case.pack_hash) for line in found.cases}
    pack = next(iter(packs.values()), None) or current_pack(work.session, work.today)
    return render_template(
        "matters/page.html",
        found=found,
        matter=found.matter,
        speak=PackWords(pack),
        steps=ladder_of(found.cases),
        towards=TOWARDS,
        may_export=may_export(work.actor, found.matter.org_path),
        earlier=[
            each
            for each in earlier_matters(work.session, found.organisation.id, work.today)
            if each.matter.id != matter_id
        ],
        similar=similar_matters(
            work.session,
            found.matter.problem_type,
            found.organisation.path,
            found.organisation.id,
        ),
    )


@blueprint.get("/new")
@requires(Permission.REGISTER)
@in_transaction
def new(work: Work) -> Any:
    """Ask where something was found, then what."""
    organisation_id = request.args.get("organisation", "")
    if not organisation_id:
        return _choose(work)
    return _intake(work, _organisation(work, organisation_id), None)


@blueprint.post("/new")
@requires(Permission.REGISTER)
@in_transaction
def create(work: Work) -> Any:
    """Register a matter; what it opens for this officer is shown at once."""
    organisation = _organisation(work, request.args.get("organisation", ""))
    pack = current_pack(work.session, work.today)
    form = _form(work, pack, organisation)
    uploads, reporter = uploads_of(form), InformantForm(prefix=_INFORMANT)
    if not reporter.is_complete():
        return make_response(_intake(work, organisation, form, reporter=reporter), 422)
    identity = reporter.identity()
    typed = form.typed() if form else {}
    try:
        with work.session.begin_nested():
            named = (text for each in uploads for text in (each.name, each.text))
            refuse_identity(identity, (*texts_of(typed), *named))
            opened = open_matter(
                work.session,
                work.actor,
                work.now,
                organisation_id=organisation.id,
                values=typed,
                attachments=described(uploads),
                request_key=request.form.get("_once", "")[:64] or None,
                relapse_of=request.form.get("_relapse_of", "")[:28] or None,
            )
            level = form.level() if form else "L1"
            keep_files(work.session, work.actor, work.now, opened.case_id, uploads, level)
            if identity is not None:
                keep_informant(work.session, work.now, opened.matter_id, identity)
    except ValidationFailed as error:
        if form is None:
            raise
        form.take_errors(errors_of(error))
        return make_response(_intake(work, organisation, form, reporter=reporter), 422)
    except (InvalidInput, NotAllowed, RegisteredAlready) as error:
        status = sentence_for(error).status
        page = _intake(work, organisation, form, explain(error), reporter)
        return make_response(page, status)
    flash(gettext("已登记，编号 %(number)s。", number=opened.matter_number), "success")
    return redirect(url_for("cases.page", case_id=opened.case_id))


def _served(work: Work) -> tuple[str, ...]:
    """Give the subtrees in which the visitor may register."""
    grants = (grant for grant in work.actor.grants if grant.role in REGISTERING_ROLES)
    return tuple(sorted({grant.unit_path for grant in grants}))


def _organisation(work: Work, organisation_id: str) -> Organisation:
    """Find an organisation at which the visitor may register.

    Raises:
        NotFound: There is none, it was closed, or it lies elsewhere.
    """
    found = organisation_by_id(work.session, organisation_id)
    if found is None or found.until_on is not None or not found.path.startswith(_served(work)):
        raise NotFound(what="organisation", key=organisation_id)
    return found


def _choose(work: Work) -> str:
    paths = _served(work)
    text = request.args.get("q", "").strip()[:60]
    at = request.args.get("at", "")
    if not at.startswith(paths):
        at = paths[0] if len(paths) == 1 else ""
    above = _way_to(work, at, paths)
    below = organisations_below(work.session, at) if at else organisations_at(work.session, paths)
    found = organisations_found(work.session, text, paths)
    branches = branches_of(work.session, (*found, *below))
    listed = {branch.id for branch in branches.values()}
    return render_template(
        "matters/choose.html",
        text=text,
        found=[place for place in found if place.id not in listed],
        above=above,
        below=below,
        branches=branches,
    )


def _way_to(work: Work, path: str, paths: tuple[str, ...]) -> tuple[Organisation, ...]:
    """Give an organisation with those above it, as far as the visitor's own."""
    parts = path.split(".")[:-1]
    ways = ["".join(f"{part}." for part in parts[:end]) for end in range(1, len(parts) + 1)]
    return organisations_at(work.session, [way for way in ways if way.startswith(paths)])


def _form(
    work: Work, pack: Pack, organisation: Organisation, draft: dict[str, Any] | None = None
) -> PackForm | None:
    name = pack.processes[pack.entry].start_form
    if name is None:
        return None
    return case_form(
        work, pack, name, org_path=organisation.path, facts={}, draft=draft, is_first=True
    )


def _intake(
    work: Work,
    organisation: Organisation,
    form: PackForm | None,
    problem: str = "",
    reporter: InformantForm | None = None,
) -> str:
    pack = current_pack(work.session, work.today)
    problem_type = request.values.get("problem_type") or None
    if form is None:
        asked = {"problem_type": problem_type} if problem_type else None
        form = _form(work, pack, organisation, asked)
    speak = PackWords(pack)
    similar = (
        similar_matters(work.session, problem_type, organisation.path, organisation.id)
        if problem_type
        else ()
    )
    return render_template(
        "matters/new.html",
        organisation=organisation,
        above=_way_to(work, organisation.path, _served(work)),
        form=form,
        speak=speak,
        problem=problem,
        reporter=reporter or InformantForm(prefix=_INFORMANT, formdata=None),
        once=request.form.get("_once") or token_urlsafe(24),
        earlier=earlier_matters(work.session, organisation.id, work.today, problem_type),
        similar=similar,
        relapse_of=request.values.get("_relapse_of", ""),
    )


@blueprint.get("/new/earlier")
@requires(Permission.REGISTER)
@in_transaction
def earlier(work: Work) -> Any:
    """Give the earlier and similar matters alone, when the problem's type is chosen."""
    organisation = _organisation(work, request.args.get("organisation", ""))
    problem_type = request.args.get("problem_type") or None
    return render_template(
        "matters/_earlier.html",
        speak=PackWords(current_pack(work.session, work.today)),
        earlier=earlier_matters(work.session, organisation.id, work.today, problem_type),
        similar=similar_matters(
            work.session, problem_type or "", organisation.path, organisation.id
        ),
        relapse_of=request.args.get("_relapse_of", ""),
    )
