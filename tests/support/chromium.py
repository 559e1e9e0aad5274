"""The browsers that the page tests use: the system's own Chromium, and the last for Windows 7."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OLD = Path(__file__).parent.parent / "chromium109" / "chromium"  # see fetch.py beside it
# The tests' pages come from 127.0.0.1 alone: the browser shall ask nobody else.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
)


def find_chromium() -> str | None:
    """Find the browser's program."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def find_old_chromium() -> str | None:
    """Find the program of Chromium 109."""
    return str(OLD) if OLD.exists() else None


@contextmanager
def run_chromium(playwright: Playwright, program: str) -> Iterator[Browser]:
    """Run the browser without a window."""
    browser = playwright.chromium.launch(executable_path=program, headless=True, args=list(FLAGS))
    try:
        yield browser
    finally:
        browser.close()
