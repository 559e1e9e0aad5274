"""A browser whose owner declares, wherever he is asked to, that nothing binds him to a case."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_DOOR = "/declaration"


class DeclaringClient(FlaskClient):
    """Answers the form at the door of a case, and asks again for what it wanted."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; where it leads to a declaration, declare and send it again."""
        answer = super().open(*args, **kwargs)
        door = _door_of(answer)
        if door is None or _DOOR in str(args[:1]):
            return answer
        token = re.search(r'name="csrf_token" value="([^"]+)"', super().open(door).text)
        assert token, door
        super().open(door, method="POST", data={"csrf_token": token[1], "bond": "none"})
        return super().open(*args, **kwargs)


def _door_of(answer: TestResponse) -> str | None:
    if answer.status_code == 302 and _DOOR in answer.headers["Location"]:
        return answer.headers["Location"].partition("?")[0]
    path = answer.request.path
    return path if path.endswith(_DOOR) and answer.request.method == "GET" else None
