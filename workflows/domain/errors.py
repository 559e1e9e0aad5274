"""The tree of errors that Duban raises on purpose.

Each class has a stable ``code``, typed attributes and a docstring that is its
message: ``{name}`` in the docstring is filled from the attribute of that name.
webapp/sentences gives each class a status and a sentence in each language.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Self


class DubanError(Exception):
    """Something Duban knows went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, **attributes: object) -> None:
        """Keep the attributes and fill them into the message."""
        self.attributes = attributes
        super().__init__((type(self).__doc__ or "").split("\n", 1)[0].format(**attributes))

    def __reduce__(self) -> tuple[partial[Self], tuple[()]]:
        """Let an error travel between processes with its attributes."""
        return partial(type(self), **self.attributes), ()

    def __getattr__(self, name: str) -> object:
        """Give an attribute of the error by name."""
        attributes = self.__dict__.get("attributes", {})
        if name in attributes:
            return attributes[name]
        raise AttributeError(name)


class InvalidInput(DubanError):
    """What was given cannot be accepted: {reason}"""

    code = "invalid_input"


class NotAllowed(DubanError):
    """This person may not do this: {reason}"""

    code = "not_allowed"


class NotFound(DubanError):
    """There is no {what} {key} that this person may see."""

    code = "not_found"


class Conflict(DubanError):
    """Somebody else was faster: {reason}"""

    code = "conflict"
