"""The browser that the page tests use: the system's own Chromium."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


@contextmanager
def run_chromium(program: str) -> Iterator[Browser]:
    """Run the browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, headless=True, args=list(FLAGS)
        )
        try:
            yield browser
        finally:
            browser.close()
