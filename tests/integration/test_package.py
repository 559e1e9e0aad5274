"""What is built holds everything that the software needs where it is installed."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import workflows

ROOT = Path(workflows.__file__).parent.parent
BUNDLE = ("app.css", "app.js", "manifest.json")
NOT_FOR_WHEELS = (
    "bpmn/",
    "docs/",
    "instance/",
    "tests/",
    "webapp/assets_src/",
    "workflows/audit/viewer_src/",
)


def build(target: str, folder: Path, source: Path = ROOT) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    answer = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return next(folder.iterdir())


def folder_in_checkout(name: str) -> set[str]:
    """List the files of a folder that git would know, without caches."""
    paths = (ROOT / name).rglob("*")
    return {
        path.relative_to(ROOT / name).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_wheel_carries_pages_bundle_and_shipped_packs(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
    assert names >= {f"webapp/static/dist/{name}" for name in BUNDLE}
    assert "workflows/audit/shipped/viewer.html" in names
    assert names >= {f"workflows/_packs/{name}" for name in folder_in_checkout("bpmn")}
    for folder in ("webapp/templates", "webapp/papers/typst"):
        assert names >= {f"{folder}/{name}" for name in folder_in_checkout(folder)}
    assert not [name for name in names if name.startswith(NOT_FOR_WHEELS)]


def test_source_distribution_builds_the_same_wheel_without_a_registry(tmp_path: Path) -> None:
    archive = build("sdist", tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    assert not (source / "node_modules").exists()
    with (
        zipfile.ZipFile(build("wheel", tmp_path / "again", source)) as again,
        zipfile.ZipFile(build("wheel", tmp_path / "here")) as here,
    ):
        assert sorted(again.namelist()) == sorted(here.namelist())
    assert not (source / "node_modules").exists()
