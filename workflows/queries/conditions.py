"""Conditions on cases and names of rules that the statements of several pages share.

States and levels are written as they stand in the partial indexes: with a parameter those
would not serve.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from workflows.store.tables import Case

IS_LIVE: ColumnElement[bool] = Case.state.not_in(
    (literal_column("'ended'"), literal_column("'merged'"))
)
HAS_ENDED: ColumnElement[bool] = Case.state == literal_column("'ended'")
OF_ORGANISATIONS: ColumnElement[bool] = Case.level == literal_column("'L1'")
# The terms that follow a letter or begin with a review (DOMAIN 5.6).
FIRST_LETTER, SECOND_LETTER, REVIEW = "R_URGE1", "R_URGE2", "R_ESC"
STAGES = (FIRST_LETTER, SECOND_LETTER, REVIEW)
