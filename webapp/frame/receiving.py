"""What a browser sends, as its owner saw it while he typed."""

from __future__ import annotations

from typing import IO, Any

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser


class _Parser(FormDataParser):
    """Reads forms; every line ends with one sign."""

    def parse(self, *args: Any, **kwargs: Any) -> tuple[IO[bytes], MultiDict[str, str], Any]:
        """Read a form.

        A browser counts the end of a line as one sign and sends two: a text of several lines
        that just fits would be refused as too long.
        """
        stream, form, files = super().parse(*args, **kwargs)
        lines = ((key, value.replace("\r\n", "\n")) for key, value in form.items(multi=True))
        return stream, self.cls(lines), files


class Received(Request):
    """A request whose typed texts are read line by line."""

    form_data_parser_class = _Parser
