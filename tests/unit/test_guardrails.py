"""The file of guardrails: what it may say, and what the linter finds in it."""

import pytest

from tests.support.lint_packs import lint, sound_pack
from workflows.engine.guardrails import GuardrailKind, read_guardrails

SAID = 'zh = "先听后定"\nen = "Hear first"\nbasis = "本单位自定"\n'
BEFORE = f'[heard]\nkind = "before"\n{SAID}activities = ["accept"]\nafter = ["plan"]\n'


def rules(text: str) -> list[tuple[str, str | None]]:
    files = sound_pack() | {"guardrails.toml": text.encode()}
    return [(each.rule, each.element) for each in lint(files) if each.file == "guardrails.toml"]


def test_a_guardrail_is_read_with_its_sentences_and_basis() -> None:
    found, findings = read_guardrails((BEFORE + 'since = "matter"\nwhen = "agreed"').encode())
    assert findings == ()
    guardrail = found["heard"]
    assert (guardrail.kind, guardrail.text("zh")) == (GuardrailKind.BEFORE, "先听后定")
    assert (guardrail.text("en"), guardrail.basis) == ("Hear first", "本单位自定")
    assert (guardrail.target.activities, guardrail.after) == (("accept",), ("plan",))
    assert guardrail.since == "matter"
    assert guardrail.when is not None
    assert guardrail.when.id == "agreed"


@pytest.mark.parametrize(
    "keys",
    [
        'kind = "timer_only"\nactivities = ["plan"]',
        'kind = "timer_never"\nmeasures = true',
        'kind = "never_after"\nprocesses = ["work"]\nafter_any = ["plan"]\nuntil = ["accept"]',
        'kind = "signatures"\nrungs = [3, 4]\nroles = ["R07"]\ncount = 2',
        'kind = "different_people"\nactivities = ["plan"]\nother_than = ["start"]',
        'kind = "form_asks"\nactivities = ["plan"]\nfields = ["days"]',
        'kind = "before"\noperations = ["count"]\nafter_any = ["plan", "accept"]',
    ],
)
def test_every_kind_can_be_stated(keys: str) -> None:
    assert rules(f"[a]\n{SAID}{keys}\n") == []


@pytest.mark.parametrize(
    "text, rule",
    [
        (BEFORE.replace('"before"', '"behind"'), "guardrail-kind"),
        (BEFORE.replace('kind = "before"\n', ""), "guardrail-kind"),
        (BEFORE.replace('zh = "先听后定"\n', ""), "toml-bad-value"),
        (BEFORE.replace('en = "Hear first"\n', ""), "toml-bad-value"),
        (BEFORE.replace('basis = "本单位自定"\n', ""), "toml-bad-value"),
        (BEFORE.replace('after = ["plan"]\n', ""), "toml-bad-value"),
        (BEFORE.replace('["plan"]', '"plan"'), "toml-bad-value"),
        (BEFORE + 'since = "always"\n', "toml-bad-value"),
        (BEFORE + 'when = "agreed ="\n', "toml-bad-value"),
        (BEFORE + "count = 2\n", "toml-unknown-key"),
        (BEFORE + "befor = 2\n", "toml-unknown-key"),
        (BEFORE.replace('activities = ["accept"]\n', ""), "guardrail-aimless"),
        (BEFORE.replace('["accept"]', '["acept"]'), "reference-dangles"),
        (BEFORE.replace('["plan"]', '["plann"]'), "reference-dangles"),
        (BEFORE + 'processes = ["nowhere"]\n', "reference-dangles"),
        (BEFORE + 'operations = ["shoot"]\n', "reference-dangles"),
        (BEFORE + 'roles = ["R99"]\n', "reference-dangles"),
        (BEFORE + 'when = "score"\n', "condition-refused"),
        (BEFORE + 'when = "nobody == 1"\n', "condition-refused"),
    ],
)
def test_what_is_wrong_with_a_guardrail_is_named(text: str, rule: str) -> None:
    assert (rule, "heard") in rules(text)
