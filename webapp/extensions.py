"""Flask's extensions, made once and given to each app by the factory."""

from __future__ import annotations

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from workflows.store.base import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
csrf = CSRFProtect()
# The counter that locks a name is in the database; this one only slows a single address.
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)
