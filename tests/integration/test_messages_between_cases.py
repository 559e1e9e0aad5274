"""What one case throws reaches the other cases of its matter by the next sweep."""

from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.filled import NOTICE, VERIFIED
from workflows.services.steps.operations import MESSAGE
from workflows.store.tables import Case, Incident, JournalRecord, Outbox


def _in_rectification(world: World) -> str:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    world.complete(case_id, "verify", "核实乙")
    world.complete(case_id, "notice", "承办", **NOTICE)
    return case_id


def _throw(world: World, sender: str, matter_of: str, message: str) -> None:
    """Put a message of a case of the same matter into the outbox."""
    with world.transaction() as session:
        stage = world.cast.stage(session, matter_of, world.now)
        session.get_one(Case, sender).matter_id = stage.case.matter_id
        body = {"message": message, "to": "ladder", "seq": "1"}
        session.add(Outbox(kind=MESSAGE, case_id=sender, body=body, created_at=world.now))


def test_message_opens_what_the_other_case_waits_with() -> None:
    world = memory_world()
    receiver, sender = _in_rectification(world), world.open_matter()
    _throw(world, sender, receiver, "extension_requested")
    assert world.sweep().failed == 0
    with world.transaction() as session:
        tasks = world.cast.stage(session, receiver, world.now).case.tasks
        record = session.execute(
            select(JournalRecord.body).where(JournalRecord.kind == "message_received")
        ).scalar_one()
        unsent = session.execute(select(Outbox).where(Outbox.sent_at.is_(None))).all()
    assert any(path.endswith("extension_decision") for path in tasks)
    assert f'"{sender}:1"' in record
    assert unsent == []
    assert [each for each in world.differences() if each.case_id == receiver] == []


def test_message_that_nobody_waits_for_becomes_an_incident_once() -> None:
    world = memory_world()
    receiver, sender = world.open_matter(), world.open_matter()
    _throw(world, sender, receiver, "extension_requested")
    world.sweep()
    world.sweep()
    with world.transaction() as session:
        kinds = session.execute(select(Incident.kind)).scalars().all()
    assert kinds == ["message_unreceived"]
