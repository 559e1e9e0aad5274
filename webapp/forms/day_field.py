"""A field for a day that takes it as people write it."""

from __future__ import annotations

from typing import Any

from wtforms import DateField
from wtforms.validators import StopValidation

from webapp.dates import day_written


class DayField(DateField):
    """A date field that reads 3月1日 and 2026.3.1 too: pasted, or where a browser has only text."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what came in; a sentence says why it is no day."""
        if valuelist:
            self.process_data(None)
            self.process_data(day_written(" ".join(valuelist)))

    def pre_validate(self, form: Any) -> None:
        """Ask nothing more of what is no day: what is said of it stands at the field already."""
        super().pre_validate(form)
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation

    def _value(self) -> str:
        if self.data is None and self.raw_data:
            return " ".join(self.raw_data)
        return self.data.isoformat() if self.data else ""
