"""Where the pack that comes with the software stands."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped_pack_dir(name: str = "ladder") -> Path:
    """Return the folder of a shipped pack.

    A wheel carries bpmn/ as workflows/_packs/; a checkout has it beside the package.
    """
    inside_wheel = _PACKAGE / "_packs" / name
    return inside_wheel if inside_wheel.is_dir() else _PACKAGE.parent / "bpmn" / name
