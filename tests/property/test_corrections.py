"""Corrections anywhere in a life: rows are the fold of records, and history is reproduced."""

import random
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.backtests import assert_reproduced
from tests.support.casework import Player, World, memory_world
from workflows.domain.errors import DubanError
from workflows.domain.reviews import REVIEW, ReviewFinding
from workflows.engine.forms import FieldKind, FormField
from workflows.services.corrections.correcting import correct, correctable
from workflows.services.corrections.corrigible import Correctable, Wanted
from workflows.services.corrections.late import confirm_late
from workflows.services.corrections.reviewing import finish_review
from workflows.store.tables import Case, LateEntry
from workflows.store.transaction import Session, savepoint


class Corrector:
    """Corrects at random what people typed, confirms what waits, and ends reviews."""

    def __init__(self, world: World, draw: random.Random) -> None:
        self.world, self.draw = world, draw

    def step(self) -> None:
        """Try a correction, then see to what it left."""
        with self.world.transaction() as session:
            ids = session.scalars(select(Case.id).order_by(Case.opened_at)).all()
            case_id = self.draw.choice(ids)
            with suppress(DubanError), savepoint(session):
                self._correct(session, case_id)
            self._see_to(session, case_id)

    def begin(self, case_id: str) -> None:
        """Correct what was registered, whatever comes after."""
        with self.world.transaction() as session:
            actor = self.world.cast.stage(session, case_id, self.world.now).actor(
                "更正人", ("R03",)
            )
            wanted = Wanted(1, {"description": "更正后的写法"}, "笔误", 1)
            assert correct(session, actor, self.world.now, case_id, wanted).seq == 2

    def _correct(self, session: Session, case_id: str) -> None:
        stage = self.world.cast.stage(session, case_id, self.world.now)
        actor = stage.actor("更正人", ("R03",))
        seq = self.draw.randint(1, stage.case.head.seq)
        found = correctable(session, actor, self.world.now, case_id, seq)
        if not found.fields:
            return
        each = self.draw.choice(found.fields)
        wanted = Wanted(seq, {each.key: self._other(each, found)}, "笔误", found.seen)
        correct(session, actor, self.world.now, case_id, wanted)

    def _other(self, each: FormField, found: Correctable) -> Any:
        value = found.values[each.key]
        if each.kind is FieldKind.DATE:
            moved = date.fromisoformat(str(value)) - timedelta(days=self.draw.randint(1, 9))
            return moved.isoformat()
        if each.choices:
            return self.draw.choice(each.choices).value
        return str(self.draw.randint(1, 9))

    def _see_to(self, session: Session, case_id: str) -> None:
        waiting = select(LateEntry.id).where(
            LateEntry.case_id == case_id, LateEntry.state == "waiting"
        )
        stage = self.world.cast.stage(session, case_id, self.world.now)
        for entry_id in session.scalars(waiting).all():
            with suppress(DubanError), savepoint(session):
                confirm_late(session, stage.actor("确认人", ("R05",)), self.world.now, entry_id)
        row = self.world.cast.stage(session, case_id, self.world.now).case.tasks.get(REVIEW)
        if row is not None and self.draw.random() < 0.5:
            actor, finding = stage.actor("更正人", ("R03",)), self.draw.choice([*ReviewFinding])
            finish_review(session, actor, self.world.now, case_id, row.n, finding, "已核查")


@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_corrected_histories_fold_into_their_rows_and_are_reproduced(seed: int) -> None:
    world = memory_world()
    draw = random.Random(seed)
    player, corrector = Player(world, draw), Corrector(world, draw)
    for _ in range(2):
        corrector.begin(world.open_matter())
        for _ in range(12):
            player.step()
            corrector.step()
    assert world.differences() == []
    assert_reproduced(world)
