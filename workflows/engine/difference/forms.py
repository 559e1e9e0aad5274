"""What differs between the forms of two versions, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.engine.difference.changes import (
    NOTHING,
    Aspect,
    Both,
    Change,
    Part,
    Spot,
    joined,
    keys_of,
    named,
    quoted,
    same,
    written,
    yes_no,
)
from workflows.engine.forms import FieldKind, FormField, FormSchema
from workflows.engine.pack import Pack
from workflows.engine.spoken import say_expression

FIELD_KINDS: Mapping[FieldKind, Both] = {
    FieldKind.TEXTFIELD: ("单行文字", "line of text"),
    FieldKind.TEXTAREA: ("多行文字", "text"),
    FieldKind.NUMBER: ("数字", "number"),
    FieldKind.DATE: ("日期", "date"),
    FieldKind.SELECT: ("下拉选择", "selection"),
    FieldKind.RADIO: ("单选", "one of several"),
    FieldKind.CHECKBOX: ("勾选", "tick"),
    FieldKind.CHECKLIST: ("多选", "several of a list"),
    FieldKind.FILEPICKER: ("附件", "files"),
    FieldKind.TEXT: ("说明文字", "fixed text"),
}


def compare_forms(old: Pack, new: Pack) -> Iterator[Change]:
    """Say which forms and which of their fields differ."""
    for key in keys_of(old.forms, new.forms):
        spot = Spot(Part.FORM, f"forms/{key}.json", key)
        pack = new if key in new.forms else old
        of = form_name(pack, key)
        if key not in old.forms:
            yield spot.added(of)
        elif key not in new.forms:
            yield spot.removed(of)
        else:
            yield from _compare_fields(old, new, key)
            yield from spot.aspects(of, _form_aspects(old.forms[key], new.forms[key]))


def form_name(pack: Pack, form: str) -> Both:
    """Name a form by the tasks that use it: “报送方案”的表单."""
    users = {
        element.id: named(pack, "activity", element.id)
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
        if element.attributes.get("form") == form
    }
    if not users:
        return f"表单“{form}”", f"form “{form}”"
    zh, en = joined(users.values())
    return f"“{zh}”的表单", f"form of “{en}”"


def _form_aspects(before: FormSchema, after: FormSchema) -> Iterator[Aspect]:
    texts = [
        joined(written(each.text) for each in form.fields if not each.is_input)
        for form in (before, after)
    ]
    yield ("说明文字", "fixed text"), texts[0], texts[1]
    old_keys, new_keys = ([each.key for each in f.fields if each.is_input] for f in (before, after))
    kept = [key for key in old_keys if key in new_keys]
    if kept != [key for key in new_keys if key in old_keys]:
        yield ("栏目次序", "order of fields"), ("原次序", "the old"), ("新次序", "another")


def _compare_fields(old: Pack, new: Pack, form: str) -> Iterator[Change]:
    was, becomes = (
        {each.key: each for each in pack.forms[form].fields if each.is_input} for pack in (old, new)
    )
    for key in keys_of(was, becomes):
        spot = Spot(Part.FORM, f"forms/{form}.json", form, key)
        pack = new if key in becomes else old
        zh, en = form_name(pack, form)
        field = quoted(("栏目", "field"), named(pack, f"form.{form}", key))
        of = f"{zh}中{field[0]}", f"{field[1]} of the {en}"
        if key not in was:
            yield spot.added(_with_kind(of, becomes[key]))
        elif key not in becomes:
            yield spot.removed(of)
        else:
            yield from spot.aspects(of, _field_aspects(old, new, was[key], becomes[key]))


def _with_kind(of: Both, field: FormField) -> Both:
    kind = FIELD_KINDS[field.kind]
    must = ("，必填", ", required") if field.is_required else NOTHING
    return f"{of[0]}（{kind[0]}{must[0]}）", f"{of[1]} ({kind[1]}{must[1]})"


def _field_aspects(old: Pack, new: Pack, was: FormField, becomes: FormField) -> Iterator[Aspect]:
    yield ("名称", "label"), written(was.label), written(becomes.label)
    yield ("说明", "description"), written(was.description), written(becomes.description)
    yield ("类型", "kind"), FIELD_KINDS[was.kind], FIELD_KINDS[becomes.kind]
    yield ("必填", "required"), yes_no(was.is_required), yes_no(becomes.is_required)
    yield ("选项", "choices"), _choices(was), _choices(becomes)
    yield ("最小值", "smallest value"), same(was.minimum), same(becomes.minimum)
    yield ("最大值", "largest value"), same(was.maximum), same(becomes.maximum)
    yield ("小数位数", "decimal places"), same(was.decimal_places), same(becomes.decimal_places)
    yield ("最少字数", "fewest characters"), same(was.min_length), same(becomes.min_length)
    yield ("最多字数", "most characters"), same(was.max_length), same(becomes.max_length)
    yield ("格式", "pattern"), _pattern(was), _pattern(becomes)
    if was.hide != becomes.hide:
        yield ("隐藏条件", "hidden if"), _hidden(old, was), _hidden(new, becomes)
    yield ("选取范围", "picker"), same(was.picker), same(becomes.picker)
    yield ("预填", "filled in from"), same(was.prefill), same(becomes.prefill)
    yield ("可传多个", "several files"), yes_no(was.is_multiple), yes_no(becomes.is_multiple)


def _choices(field: FormField) -> Both:
    zh = "、".join(each.label for each in field.choices)
    return zh, ", ".join(each.value for each in field.choices)


def _pattern(field: FormField) -> Both:
    return NOTHING if field.pattern is None else written(field.pattern.text)


def _hidden(pack: Pack, field: FormField) -> Both:
    if field.hide is None:
        return NOTHING
    text = field.hide.text
    return say_expression(pack, text, "zh"), say_expression(pack, text, "en")
