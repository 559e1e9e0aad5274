"""What differs between the numbers, facts and decision tables of two versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workflows.domain.clocks import ClockKind
from workflows.engine.decisions import Grid, Row
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
)
from workflows.engine.facts import FactDeclaration
from workflows.engine.pack import Pack
from workflows.engine.parameters import Amount, Parameter
from workflows.engine.spoken import say_amount, say_expression

_PARAMETERS = "parameters.toml"
_FACTS = "facts.toml"
TERM_KINDS: Mapping[ClockKind | None, Both] = {
    ClockKind.ACT: ("期限", "term"),
    ClockKind.EFFECT: ("影响期", "effect"),
    ClockKind.OBSERVATION: ("观察期", "observation period"),
    None: ("", "value"),
}


def compare_parameters(old: Pack, new: Pack) -> Iterator[Change]:
    """Say which numbers differ: 方案审核期限由5个工作日改为3个工作日."""
    for key in keys_of(old.parameters, new.parameters):
        spot = Spot(Part.PARAMETER, _PARAMETERS, key, key)
        before, after = old.parameters.get(key), new.parameters.get(key)
        if before is None and after is not None:
            yield spot.added(_with_amounts(new, after))
        elif after is None and before is not None:
            yield spot.removed(quoted(("参数", "parameter"), named(old, "parameter", key)))
        elif before is not None and after is not None:
            yield from _compare_amounts(old, new, before, after, spot)
            of = quoted(("参数", "parameter"), named(new, "parameter", key))
            yield from spot.aspects(of, _parameter_aspects(before, after))


def _with_amounts(pack: Pack, parameter: Parameter) -> Both:
    zh, en = quoted(("参数", "parameter"), named(pack, "parameter", parameter.name))
    amounts = joined(
        (
            f"{_class(pack, parameter, code)[0]}{_said(each)[0]}",
            f"{_class(pack, parameter, code)[1]} {_said(each)[1]}".strip(),
        )
        for code, each in _amounts(parameter).items()
    )
    return f"{zh}：{amounts[0]}", f"{en}: {amounts[1]}"


def _compare_amounts(
    old: Pack, new: Pack, before: Parameter, after: Parameter, spot: Spot
) -> Iterator[Change]:
    was, becomes = _amounts(before), _amounts(after)
    for code in keys_of(was, becomes):
        if was.get(code) != becomes.get(code):
            of = _of_class(new if code in becomes else old, after, code)
            yield spot.changed(_from_to(of, was.get(code), becomes.get(code)))


def _of_class(pack: Pack, parameter: Parameter, code: str) -> Both:
    """Name a number as a sentence begins: 方案审核期限, 整改期限（二类）."""
    zh, en = named(pack, "parameter", parameter.name)
    suffix_zh, suffix_en = TERM_KINDS[parameter.kind]
    zh = zh if zh.endswith(("期限", "期", suffix_zh)) and suffix_zh else zh + suffix_zh
    which_zh, which_en = _class(pack, parameter, code)
    return zh + which_zh, f"“{en}”{f' {which_en}' if which_en else ''}: {suffix_en}"


def _class(pack: Pack, parameter: Parameter, code: str) -> Both:
    if not code:
        return NOTHING
    zh, en = named(pack, "choice", f"{parameter.by}.{code}")
    return f"（{zh}）", f"({en})"


def _from_to(of: Both, before: Amount | None, after: Amount | None) -> Both:
    was, becomes = _said(before), _said(after)
    if before is None:
        return f"{of[0]}定为{becomes[0]}", f"{of[1]} set to {becomes[1]}"
    if after is None:
        return f"{of[0]}（{was[0]}）取消", f"{of[1]} of {was[1]} dropped"
    return (
        f"{of[0]}由{was[0]}改为{becomes[0]}",
        f"{of[1]} changed from {was[1]} to {becomes[1]}",
    )


def _amounts(parameter: Parameter) -> Mapping[str, Amount]:
    return parameter.amounts if parameter.amount is None else {"": parameter.amount}


def _said(amount: Amount | None) -> Both:
    return NOTHING if amount is None else (say_amount(amount, "zh"), say_amount(amount, "en"))


def _parameter_aspects(before: Parameter, after: Parameter) -> Iterator[Aspect]:
    yield ("名称", "name"), written(before.label), written(after.label)
    yield ("依据", "basis"), written(before.basis), written(after.basis)
    yield ("性质", "nature"), _nature(before), _nature(after)
    yield ("计算方式", "way of counting"), same(before.kind), same(after.kind)
    yield ("分档要素", "class fact"), same(before.by), same(after.by)
    yield ("各期限的施行日期", "first days of its lengths"), _dated(before), _dated(after)


def _dated(parameter: Parameter) -> Both:
    told = ", ".join(f"{each.from_on} {each.value}" for each in parameter.versions)
    return same(" / ".join(filter(None, (told, " ".join(parameter.days)))) or None)


def _nature(parameter: Parameter) -> Both:
    return ("本单位自定", "the unit's own") if parameter.is_local else ("上级规定", "a norm")


# ------------------------------------------------------------------------- facts


def compare_facts(old: Pack, new: Pack) -> Iterator[Change]:
    """Say which facts differ."""
    for key in keys_of(old.facts, new.facts):
        spot = Spot(Part.FACT, _FACTS, key, key)
        pack = new if key in new.facts else old
        of = quoted(("要素", "fact"), named(pack, "fact", key))
        if key not in old.facts:
            yield spot.added(of)
        elif key not in new.facts:
            yield spot.removed(of)
        else:
            yield from spot.aspects(of, _fact_aspects(old.facts[key], new.facts[key]))


def _fact_aspects(before: FactDeclaration, after: FactDeclaration) -> Iterator[Aspect]:
    yield ("名称", "name"), written(before.label), written(after.label)
    yield ("类型", "type"), same(before.type.value), same(after.type.value)
    yield ("保密级别", "level"), same(before.level.value), same(after.level.value)
    yield ("单位", "unit"), same(before.unit), same(after.unit)
    yield ("小数位数", "decimal places"), same(before.scale), same(after.scale)
    yield ("选项", "choices"), _choices(before), _choices(after)


def _choices(fact: FactDeclaration) -> Both:
    zh = "、".join(fact.choices.values())
    return zh, ", ".join(fact.choices)


# ---------------------------------------------------------------- decision tables


def compare_tables(old: Pack, new: Pack) -> Iterator[Change]:
    """Say which decision tables differ, row by row."""
    for key in keys_of(old.decisions, new.decisions):
        spot = Spot(Part.TABLE, f"{key}.dmn", key)
        pack = new if key in new.decisions else old
        grid = pack.decisions[key].grid
        of = quoted(("决策表", "decision table"), same(grid.name))
        if key not in old.decisions:
            yield spot.added(of)
        elif key not in new.decisions:
            yield spot.removed(of)
        else:
            yield from _compare_grids(old, new, old.decisions[key].grid, grid, of, spot)


def _compare_grids(
    old: Pack, new: Pack, before: Grid, after: Grid, of: Both, spot: Spot
) -> Iterator[Change]:
    aspects: tuple[Aspect, ...] = (
        (("名称", "name"), written(before.name), written(after.name)),
        (("取值规则", "hit policy"), same(before.policy), same(after.policy)),
        (("条件列", "inputs"), _columns(before.inputs), _columns(after.inputs)),
        (("结果列", "outputs"), _columns(before.outputs), _columns(after.outputs)),
    )
    yield from spot.aspects(of, aspects)
    was, becomes = ({row.id: row for row in grid.rows} for grid in (before, after))
    for key in keys_of(was, becomes):
        place = Spot(spot.part, spot.file, spot.place, key)
        if key not in was:
            yield place.added(_row(new, after, becomes[key], of))
        elif key not in becomes:
            yield place.removed(_row(old, before, was[key], of))
        elif was[key].cells != becomes[key].cells:
            number = was[key].number
            row = f"{of[0]}第{number}行", f"row {number} of {of[1]}"
            cells = _cells(old, before, was[key]), _cells(new, after, becomes[key])
            yield place.changed(
                (
                    f"{row[0]}由（{cells[0][0]}）改为（{cells[1][0]}）",
                    f"{row[1]} changed from ({cells[0][1]}) to ({cells[1][1]})",
                )
            )
    kept = [key for key in was if key in becomes]
    if kept != [key for key in becomes if key in was]:
        yield spot.changed((f"{of[0]}各行的次序有变", f"{of[1]}: its rows stand in another order"))


def _columns(columns: Iterable[tuple[str, str]]) -> Both:
    return joined(same(label or key) for label, key in columns)


def _row(pack: Pack, grid: Grid, row: Row, of: Both) -> Both:
    """Say a row: 决策表“整改类别”第4行（问题程度：较重 → 整改类别：C类）."""
    zh, en = _cells(pack, grid, row)
    return f"{of[0]}第{row.number}行（{zh}）", f"row {row.number} of {of[1]} ({en})"


def _cells(pack: Pack, grid: Grid, row: Row) -> Both:
    given = zip(grid.inputs, row.conditions, strict=True)
    results = list(zip(grid.outputs, row.results, strict=True))
    if_zh, if_en = _cell_list(pack, ((column, cell) for column, cell in given if cell))
    then_zh, then_en = _cell_list(pack, results)
    return f"{if_zh or '任何情况'} → {then_zh}", f"{if_en or 'always'} → {then_en}"


def _cell_list(pack: Pack, cells: Iterable[tuple[tuple[str, str], str]]) -> Both:
    """Say what columns say, in the words of the pack for facts and codes."""
    found: list[Both] = []
    for (label, fact), cell in cells:
        zh, en = (say_expression(pack, cell, language, fact) for language in ("zh", "en"))
        named_en = pack.name("fact", fact, "en") if fact in pack.facts else label
        found.append((f"{label}：{zh}", f"{named_en}: {en}"))
    return "，".join(zh for zh, _ in found), ", ".join(en for _, en in found)
