"""Decision tables for tests, written as lines of cells instead of XML."""

from xml.sax.saxutils import escape


def table(
    decision_id: str, inputs: list[str], outputs: list[str], rules: list[str], policy: str = ""
) -> bytes:
    """Write a decision table; each rule is its cells with ``|`` between them."""
    hit = f' hitPolicy="{policy}"' if policy else ""
    columns = "".join(
        f'<input id="i{at}"><inputExpression id="x{at}"><text>{escape(text)}</text>'
        "</inputExpression></input>"
        for at, text in enumerate(inputs)
    )
    columns += "".join(f'<output id="o{at}" name="{name}"/>' for at, name in enumerate(outputs))
    rows = "".join(_row(at, rule, len(inputs)) for at, rule in enumerate(rules))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
        f' namespace="urn:test"><decision id="{decision_id}" name="{decision_id}">'
        f'<decisionTable id="t"{hit}>{columns}{rows}</decisionTable></decision></definitions>'
    ).encode()


def _row(at: int, rule: str, inputs: int) -> str:
    cells = [cell.strip() for cell in rule.split("|")]
    written = "".join(
        f'<{"inputEntry" if number < inputs else "outputEntry"} id="c{at}_{number}">'
        f"<text>{escape(cell)}</text></{'inputEntry' if number < inputs else 'outputEntry'}>"
        for number, cell in enumerate(cells)
    )
    return f'<rule id="r{at}">{written}</rule>'
