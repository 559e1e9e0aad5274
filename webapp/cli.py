"""The command `duban`."""

from __future__ import annotations

import click

from webapp.commands.edge import Commands

_PLACES = {
    "init": "webapp.commands.installation:init",
    "demo": "webapp.commands.serving:demo",
    "serve": "webapp.commands.serving:serve",
    "scheduler": "webapp.commands.serving:scheduler",
    "orgs": "webapp.commands.orgs:orgs",
    "people": "webapp.commands.people:people",
    "matters": "webapp.commands.matters:matters",
    "table": "webapp.commands.tables:table",
    "sweep": "webapp.commands.sweeping:sweep",
    "calendar": "webapp.commands.calendars:calendar",
    "due": "webapp.commands.due:due",
    "pack": "webapp.commands.packs:pack",
    "scenario": "webapp.commands.packs:scenario",
    "simulate": "webapp.commands.simulating:simulate",
    "export": "webapp.commands.exports:export",
    "export-log": "webapp.commands.logs:process_log",
    "export-ledger": "webapp.commands.logs:rectification_ledger",
    "review-package": "webapp.commands.review_packages:review_package",
    "case-file": "webapp.commands.case_files:case_file",
    "inspection-report": "webapp.commands.inspection_reports:inspection_report",
    "verify": "webapp.commands.bundles:verify",
    "log": "webapp.commands.log:log",
    "replay": "webapp.commands.replaying:replay",
    "erase": "webapp.commands.erasing:erase",
    "check": "webapp.commands.checking:check",
    "health": "webapp.commands.health:health",
    "staff": "webapp.commands.staff:staff",
    "rebuild": "webapp.commands.rebuilding:rebuild",
    "backup": "webapp.commands.backups:backup",
    "restore": "webapp.commands.backups:restore",
    "bench": "webapp.commands.bench:bench",
}


@click.group(cls=Commands, places=_PLACES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="duban", prog_name="duban")
def main() -> None:
    """Duban (督办): see every case through.

    Exit codes: 0 done, 1 an expectation or a verification failed, 2 refused with the reason
    and nothing written.
    """
