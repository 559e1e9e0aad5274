"""Pages, a module for each place in the menu."""

from __future__ import annotations

from flask import Blueprint

from webapp.views import (
    account,
    administration,
    audit,
    beside,
    case_acts,
    case_files,
    cases,
    clearance,
    corrections,
    delegations,
    demo_clock,
    determinations,
    documents,
    exports,
    home,
    inspection_reports,
    ledgers,
    matters,
    mergers,
    migrations,
    organisations,
    pack_backtests,
    process_logs,
    recusals,
    review_packages,
    session,
    staff,
    tasks,
    worklist,
)


def blueprints() -> tuple[Blueprint, ...]:
    """Give the parts of the pages, in the order of the menu."""
    return (
        session.blueprint,
        home.blueprint,
        worklist.blueprint,
        matters.blueprint,
        mergers.blueprint,
        cases.blueprint,
        tasks.blueprint,
        case_acts.blueprint,
        beside.blueprint,
        corrections.blueprint,
        recusals.blueprint,
        case_files.blueprint,
        documents.blueprint,
        organisations.blueprint,
        ledgers.blueprint,
        inspection_reports.blueprint,
        process_logs.blueprint,
        determinations.blueprint,
        clearance.blueprint,
        exports.blueprint,
        review_packages.blueprint,
        migrations.blueprint,
        pack_backtests.blueprint,
        account.blueprint,
        delegations.blueprint,
        staff.blueprint,
        administration.blueprint,
        audit.blueprint,
        demo_clock.blueprint,
    )
