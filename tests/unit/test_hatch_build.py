"""A bundle is rebuilt when, and only when, what it is made from has changed."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

import webapp

ROOT = Path(webapp.__file__).parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("hatch_build.py", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path / name)
    for name in (
        "webapp/assets_src",
        "webapp/static/dist",
        "workflows/audit/viewer_src",
        "workflows/audit/shipped",
    ):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def load_hook(checkout: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "hatch_build_of_copy", checkout / "hatch_build.py"
    )
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    return hook


def test_bundle_of_the_same_sources_is_fresh(checkout: Path) -> None:
    assert load_hook(checkout).is_fresh()


@pytest.mark.parametrize(
    "changed",
    [
        "webapp/assets_src/app.css",
        "workflows/audit/viewer_src/proof/fold.js",
        "package-lock.json",
        ".npmrc",
    ],
)
def test_changed_source_makes_the_bundle_stale(checkout: Path, changed: str) -> None:
    with (checkout / changed).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert not load_hook(checkout).is_fresh()


def test_new_source_makes_the_bundle_stale(checkout: Path) -> None:
    (checkout / "webapp/assets_src/new.css").write_text("", encoding="utf-8")
    assert not load_hook(checkout).is_fresh()


@pytest.mark.parametrize("manifest", ["", "{}", "{"])
def test_half_written_bundle_is_stale(checkout: Path, manifest: str) -> None:
    (checkout / "webapp/static/dist/manifest.json").write_text(manifest, encoding="utf-8")
    assert not load_hook(checkout).is_fresh()


def test_viewer_takes_the_diagrams_look_from_the_pages(checkout: Path) -> None:
    before = load_hook(checkout).viewer_hash()
    with (checkout / "webapp/assets_src/diagram.css").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert load_hook(checkout).viewer_hash() != before


@pytest.mark.parametrize("content", [None, b"", b'<meta name="made-from" content="">'])
def test_missing_or_half_written_viewer_is_stale(checkout: Path, content: bytes | None) -> None:
    viewer = checkout / "workflows/audit/shipped/viewer.html"
    viewer.unlink()
    if content is not None:
        viewer.write_bytes(content)
    assert not load_hook(checkout).is_fresh()
