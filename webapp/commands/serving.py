"""`duban serve`, `duban scheduler` and `duban demo`: what runs until it is stopped."""

from __future__ import annotations

import signal
import webbrowser
from datetime import UTC, datetime
from functools import partial

import click

from webapp.commands.edge import CommandRefused, database_option, open_edge, settings_for
from webapp.commands.progress import progress_bar
from webapp.outside.digest import write_digest
from webapp.review_package.writing import write_package
from webapp.settings import Settings
from workflows.jobs.alarm import Outward, background_alarm, blocking_alarm
from workflows.jobs.demo import make_demo, refuse_other_installation
from workflows.jobs.sequencing import prepare_log
from workflows.store.opening import is_new, open_installation

_PORT = click.IntRange(0, 65_535)
_host_option = click.option("--host", default="127.0.0.1", show_default=True)
_port_option = click.option(
    "--port", type=_PORT, default=8000, show_default=True, help="0 takes a free one."
)


@click.command()
@_host_option
@_port_option
@click.option("--no-scheduler", is_flag=True, help="Another process runs `duban scheduler`.")
@database_option
def serve(host: str, port: int, no_scheduler: bool, database_url: str | None) -> None:
    """Serve the pages, sweep what is due and sign the log, until interrupted."""
    settings = settings_for(database_url)
    open_installation(settings.database_url, settings.owner_database_url).dispose()
    _serve(settings, host, port, with_alarm=not no_scheduler, open_page=False)


@click.command()
@database_option
def scheduler(database_url: str | None) -> None:
    """Sweep what is due and sign the log until interrupted, without pages."""
    with open_edge(database_url) as edge:
        prepare_log(edge.sessions)
        alarm = blocking_alarm(edge.sessions, _outward(edge.settings))
        _end_as_on_interrupt()
        try:
            alarm.start()
        except KeyboardInterrupt:
            alarm.shutdown()


@click.command()
@_host_option
@_port_option
@click.option("--open/--no-open", "open_page", default=False, help="Open the page in a browser.")
@click.option("--fresh", is_flag=True, help="Throw an earlier demo away and begin anew.")
@click.option("--build-only", is_flag=True, help="Make the data, serve nothing.")
@database_option
def demo(
    host: str, port: int, open_page: bool, fresh: bool, build_only: bool, database_url: str | None
) -> None:
    """Make a made-up league with a year of cases, and serve it with its scheduler.

    The login page lists its people; nobody and no place in it is real.
    """
    settings = settings_for(database_url)
    refuse_other_installation(settings.database_url)
    if fresh or is_new(settings.database_url):
        with progress_bar("days of the made-up year") as advance:
            made = make_demo(
                settings.database_url,
                settings.instance,
                datetime.now(UTC),
                advance,
            )
        click.echo(f"{made.matters} matters and {made.cases} cases, all made up.")
        click.echo(f"Password of every demo account, should you want one: {made.password}")
    else:
        click.echo("The demo goes on where it stood; --fresh begins anew.")
    if not build_only:
        _serve(settings, host, port, with_alarm=True, open_page=open_page)


def _outward(settings: Settings) -> Outward:
    digest = partial(write_digest, settings.address)
    return Outward(settings.mail, write_package, digest, settings.networks)


def _end_as_on_interrupt() -> None:
    """Let a service manager's SIGTERM end the program as Ctrl-C does: what runs is finished."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _serve(settings: Settings, host: str, port: int, *, with_alarm: bool, open_page: bool) -> None:
    from webapp.app import create_app
    from webapp.server import make_server
    from webapp.work import writing_sessions

    app = create_app(settings)
    prepare_log(writing_sessions(app))
    try:
        server = make_server(app, host, port)
    except OSError as error:
        reason = f"{host}:{port} cannot be served ({error.strerror}): choose another --port"
        raise CommandRefused(reason) from error
    alarm = None
    if with_alarm:
        alarm = background_alarm(writing_sessions(app), _outward(settings))
    address = f"http://{host}:{getattr(server, 'effective_port', port)}/"
    click.echo(f"Duban is ready at {address} (Ctrl-C stops it)")
    if alarm is not None:
        alarm.start()
    if open_page:
        webbrowser.open(address)
    _end_as_on_interrupt()
    try:
        server.run()
    finally:
        server.close()
        if alarm is not None:
            alarm.shutdown()
