"""The command line: help, exit codes, one line of reason, nothing written."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from lxml import etree

from tests.support.checked import accountability_alone
from tests.support.made_up import write_xlsx
from webapp.cli import main
from workflows.domain.written_days import day_en
from workflows.jobs import demo as demo_job
from workflows.shipped import shipped_pack_dir
from workflows.store.calendar_source import official_calendar

UNITS = "code,name,parent,level\nS1,苍原自治区,,1\nS101,塔林盟,S1,2\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run `duban` with an instance folder of this test alone."""
    monkeypatch.setenv("DUBAN_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("DUBAN_DATABASE_URL", raising=False)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def runner(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return runner


def database(folder: Path) -> Path:
    return folder / "instance" / "duban.sqlite3"


def every_command() -> list[tuple[str, ...]]:
    context = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        inner = command.commands if isinstance(command, click.Group) else {}
        found += [(name, within) for within in inner] or [(name,)]
    return found


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_explains_itself(run, command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 5


def test_init_prints_a_password_for_each_administrator_once(run, tmp_path: Path) -> None:
    first = run("init", "--json")
    passwords = json.loads(first.stdout)["one_time_passwords"]
    assert sorted(passwords) == ["anquan", "shenji", "xitong"]
    assert len(set(passwords.values())) == 3
    assert (tmp_path / "instance" / "master.key").stat().st_mode & 0o077 == 0
    second = run("init")
    assert second.exit_code == 2
    assert "already" in second.stderr


def test_health_fails_until_what_is_red_was_seen_to(run, tmp_path: Path) -> None:
    run("init")
    sick = run("health")
    assert sick.exit_code == 1
    red = {line.split()[1] for line in sick.stdout.splitlines() if line.startswith("red")}
    assert red >= {"sweep", "backup", "drill"}
    run("sweep")
    folder = str(tmp_path / "backup")
    run("backup", folder)
    run("restore", folder, "--drill")
    well = {each["code"]: each["light"] for each in json.loads(run("health", "--json").stdout)}
    assert well["sweep"] == well["backup"] == well["drill"] == well["database"] == "green"


def test_organisations_are_imported_all_or_none(run, tmp_path: Path) -> None:
    run("init")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(UNITS, "utf-8")
    bad.write_text(UNITS + "S102,那日盟,S9,2\n", "utf-8")
    refused = run("orgs", "import", str(bad))
    assert refused.exit_code == 2
    assert "line 4: there is no unit S9" in refused.stderr
    done = run("orgs", "import", str(good), "--json")
    assert json.loads(done.stdout) == {"units": 2, "bodies": 4, "renamed": 0, "unchanged": 0}


@pytest.mark.parametrize(
    "command", [("sweep",), ("serve",), ("scheduler",), ("export", "o.zip", "--all")]
)
def test_a_command_without_an_installation_says_so_and_makes_no_file(
    run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert "duban init" in result.stderr
    assert not database(tmp_path).exists()


def test_a_database_that_is_none_is_refused(run, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.sqlite3"
    rubbish.write_bytes(b"no database at all" * 100)
    result = run("sweep", "--database-url", f"sqlite:///{rubbish}")
    assert result.exit_code == 2
    assert "not a database" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_nobody_post_dates_a_sweep_in_production(run) -> None:
    run("init")
    swept = json.loads(run("sweep", "--now", "2031-01-01T02:00", "--json").stdout)
    assert swept == {
        "due": 0,
        "fired": 0,
        "escalated": 0,
        "skipped": 0,
        "failed": 0,
        "late": 0,
        "dry_run": True,
    }
    assert json.loads(run("sweep", "--json").stdout)["dry_run"] is False


def test_a_clock_that_goes_backwards_stops_the_sweep(run) -> None:
    run("init", "--mode", "test")
    assert run("sweep", "--now", "2031-01-01T02:00").exit_code == 0
    result = run("sweep", "--now", "2030-01-01T02:00")
    assert result.exit_code == 2
    assert "the server's clock" in result.stderr


def test_a_moment_that_is_none_is_refused(run) -> None:
    run("init")
    result = run("sweep", "--now", "tomorrow")
    assert result.exit_code == 2
    assert "2026-03-10T02:00" in result.stderr


@pytest.mark.parametrize(
    "start,budget,due_on",
    [
        ("2026-03-26", "10 workdays", "2026-04-10"),
        ("2026-03-26", "-10 workdays", "2026-03-12"),
        ("2026-01-31", "1 month", "2026-02-28"),
    ],
)
def test_due_gives_the_date_with_its_derivation(run, start: str, budget: str, due_on: str) -> None:
    answer = json.loads(run("due", start, budget, "--json").stdout)
    assert (answer["due_on"], answer["provisional"]) == (due_on, False)
    assert day_en(date.fromisoformat(due_on)) in run("due", start, budget).stdout


def test_due_says_that_a_date_outside_the_calendar_is_provisional(run) -> None:
    horizon = official_calendar().days[-1].on
    answer = json.loads(run("due", horizon.isoformat(), "10 workdays", "--json").stdout)
    assert answer["provisional"] is True


def test_due_refuses_what_is_no_budget(run) -> None:
    result = run("due", "2026-03-26", "10 moons")
    assert result.exit_code == 2
    assert "10 workdays" in result.stderr


def test_the_shipped_pack_has_no_findings(run) -> None:
    result = run("pack", "lint", "bpmn/ladder", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []


def test_a_broken_pack_is_named_with_file_and_rule(run, tmp_path: Path) -> None:
    (tmp_path / "ladder.bpmn").write_text("<!DOCTYPE x><x/>", "utf-8")
    result = run("pack", "lint", str(tmp_path))
    assert result.exit_code == 2
    assert "ladder.bpmn" in result.stdout


def test_checking_a_broken_pack_tells_and_draws_how_a_case_gets_there(run, tmp_path: Path) -> None:
    alone = (b'duban:signatures="2"', b'duban:signatures="1"')
    files = accountability_alone()
    files["admonishment.bpmn"] = files["admonishment.bpmn"].replace(*alone)
    for name, content in files.items():
        (tmp_path / "pack" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / name).write_bytes(content)
    out = tmp_path / "out"
    result = run("pack", "check", str(tmp_path / "pack"), "--drawings", str(out))
    assert result.exit_code == 1, result.output
    assert "guardrail two_people_decide is broken" in result.stdout
    assert "“Serve notice of the talk” is completed, on to “Admonishment talk”" in result.stdout
    drawn = {path.name: etree.fromstring(path.read_bytes()) for path in out.iterdir()}
    assert sorted(drawn) == [
        "01-two_people_decide-accountability.svg",
        "01-two_people_decide-admonishment.svg",
        "01-two_people_decide-deciding.svg",
        "01-two_people_decide-inquiry.svg",
    ]
    last = drawn["01-two_people_decide-admonishment.svg"]
    marked = last.xpath("//*[contains(@class, 'd-current')]")
    assert ["Admonishment talk" in (each[0].text or "") for each in marked] == [True]
    told = json.loads(run("pack", "check", str(tmp_path / "pack"), "--json").stdout)
    assert [(each["guardrail"], each["element"]) for each in told["broken"]] == [
        ("two_people_decide", "admonish")
    ]


def test_a_pack_that_the_linter_refuses_is_not_explored(run, tmp_path: Path) -> None:
    (tmp_path / "ladder.bpmn").write_text("<!DOCTYPE x><x/>", "utf-8")
    result = run("pack", "check", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "ladder.bpmn" in result.stderr


HISTORY = ("--against", "history")


def test_a_back_test_without_cases_or_pack_is_refused_with_the_reason(run, tmp_path: Path) -> None:
    shipped = str(shipped_pack_dir())
    assert "no Duban installation" in run("simulate", shipped, *HISTORY).stderr
    run("init")
    empty = run("simulate", shipped, *HISTORY)
    assert (empty.exit_code, "No matter was registered" in empty.stderr) == (2, True)
    unknown = run("simulate", "0123456789", *HISTORY)
    assert (unknown.exit_code, "0123456789" in unknown.stderr) == (2, True)
    (tmp_path / "broken").mkdir()
    broken = run("simulate", str(tmp_path / "broken"), *HISTORY)
    assert (broken.exit_code, "The pack has" in broken.stderr) == (2, True)
    backwards = run("simulate", shipped, *HISTORY, "--from", "2026-02-01", "--to", "2026-01-01")
    assert (backwards.exit_code, "ends before it begins" in backwards.stderr) == (2, True)


def test_made_up_matters_are_attached_to_nothing(run, tmp_path: Path) -> None:
    made_up = ("simulate", str(shipped_pack_dir()), "--against", "synthetic")
    refused = run(*made_up, "--attach-by", "shenhe")
    assert (refused.exit_code, "only a back-test" in refused.stderr) == (2, True)
    played = json.loads(run(*made_up, "--matters", "20", "--json").stdout)
    assert played["report"]["cases"] >= 20
    assert played["speed"]["steps_a_case_year"] > 20
    assert not (tmp_path / "instance").exists()


def test_a_back_test_reads_a_history_and_nothing_else(run, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    other.write_bytes(b"no history of anything" * 9)
    url = f"sqlite:///{other}"
    refused = run("simulate", str(shipped_pack_dir()), *HISTORY, "--database-url", url)
    assert (refused.exit_code, "not a database" in refused.stderr) == (2, True)


def test_a_forged_bundle_fails_with_exit_code_one(run, tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    forged.write_bytes(b"PK\x05\x06" + b"\0" * 18)
    result = run("verify", str(forged), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["right"] is False


def test_export_wants_to_know_which_cases(run) -> None:
    assert run("export", "out.zip").exit_code == 2
    assert run("export", "out.zip", "--all", "--case", "督〔2026〕1号").exit_code == 2


def test_people_of_a_workbook_that_is_none_are_refused(run, tmp_path: Path) -> None:
    run("init")
    file = tmp_path / "people.xlsx"
    file.write_bytes(b"nothing")
    result = run("people", "import", str(file))
    assert result.exit_code == 2
    assert "save it as .xlsx" in result.stderr


def test_a_demo_is_never_put_over_another_installation(run, tmp_path: Path) -> None:
    run("init")
    before = database(tmp_path).stat().st_ino
    result = run("demo", "--fresh", "--build-only")
    assert result.exit_code == 2
    assert "no demo" in result.stderr
    assert database(tmp_path).stat().st_ino == before


def test_a_year_is_played_exported_and_verified(run, tmp_path: Path) -> None:
    assert run("demo", "--build-only").exit_code == 0
    ledger = write_xlsx(
        tmp_path / "ledger.xlsx",
        [
            ["序号", "党组织", "问题类型", "问题表述", "来源", "发现时间"],
            [1, "阿日善图嘎查", "101", "未开党员大会", "督查", "2026-03-01"],
            [2, "没有的嘎查", "101", "未开党员大会", "督查", "2026-03-01"],
        ],
    )
    arguments = ("matters", "import", str(ledger), "--by", "dengji")
    assert json.loads(run(*arguments, "--dry-run", "--json").stdout)["good"] == 1
    assert run(*arguments).exit_code == 2
    errors = tmp_path / "errors.xlsx"
    done = json.loads(run(*arguments, "--errors", str(errors), "--json").stdout)
    assert len(done["registered"]) == 1
    assert errors.exists()
    assert run(*arguments).exit_code == 2
    bundle = tmp_path / "bundle.zip"
    assert run("export", str(bundle), "--all").exit_code == 0
    assert run("export", str(bundle), "--all").exit_code == 2
    verdict = json.loads(run("verify", str(bundle), "--json").stdout)
    assert verdict["right"] is True
    # 120 and the one brought in; the referral is sealed, and the bundle tells of none.
    assert verdict["counts"]["cases"] == 120


def test_a_demo_that_breaks_off_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_job, "play_demo", power_cut)
    file = tmp_path / "demo.sqlite3"
    with pytest.raises(KeyboardInterrupt):
        demo_job.make_demo(f"sqlite:///{file}", tmp_path, datetime(2026, 3, 10, tzinfo=UTC))
    assert not file.exists()
