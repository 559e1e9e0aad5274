"""Programs that run until stopped end cleanly when a service manager stops them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

_START_SECONDS, _END_SECONDS = 60.0, 20.0
_DUBAN = str(Path(sys.executable).with_name("duban"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("ending")
    found = {**os.environ, "DUBAN_INSTANCE": str(folder), "PYTHONUNBUFFERED": "1"}
    subprocess.run([_DUBAN, "init", "--mode", "test"], env=found, check=True, capture_output=True)
    return found


def test_a_server_ends_cleanly_on_sigterm(environment: dict[str, str]) -> None:
    command = [_DUBAN, "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "http://127.0.0.1:" in running.stdout.readline()
        time.sleep(0.5)  # the line is printed just before the server runs
        running.send_signal(signal.SIGTERM)
        assert running.wait(_END_SECONDS) == 0


def test_a_busy_port_is_told(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [_DUBAN, "serve", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(
            command,
            check=False,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
        )
    assert ended.returncode == 2
    assert "choose another --port" in ended.stderr


def test_of_two_inits_at_once_one_wins(tmp_path: Path) -> None:
    found = {**os.environ, "DUBAN_INSTANCE": str(tmp_path / "new")}
    both = [
        subprocess.Popen(
            [_DUBAN, "init"], env=found, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=_START_SECONDS) for each in both]
    assert sorted(each.returncode for each in both) == [0, 2], said
