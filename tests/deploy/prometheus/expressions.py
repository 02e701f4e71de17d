"""Looking into PromQL: which series an expression reads, and what it measures before it compares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser as promql

_COMPARISONS = frozenset((">", "<", ">=", "<=", "==", "!="))
_SETS = frozenset(("and", "or", "unless"))


def selectors(expression: str) -> list[promql.VectorSelector]:
    """Every selector of series in `expression`."""
    return [node for node in _nodes(promql.parse(expression)) if isinstance(node, promql.VectorSelector)]


def labels_used(expression: str) -> set[str]:
    """Labels by which `expression` selects or groups."""
    found = {matcher.name for selector in selectors(expression) for matcher in selector.matchers.matchers}
    for node in _nodes(promql.parse(expression)):
        if isinstance(node, promql.AggregateExpr) and node.modifier is not None:
            found |= set(node.modifier.labels)
    return found


def measured(expression: str) -> list[str]:
    """What `expression` measures: the sides of and, or, unless, each without its comparison with a number."""
    return [node.prettify() for node in _measured(promql.parse(expression))]


def _measured(node: Any) -> Iterator[Any]:
    if isinstance(node, promql.ParenExpr):
        yield from _measured(node.expr)
    elif isinstance(node, promql.BinaryExpr) and str(node.op) in _SETS:
        yield from _measured(node.lhs)
        yield from _measured(node.rhs)
    elif isinstance(node, promql.BinaryExpr) and str(node.op) in _COMPARISONS:
        yield from _measured(node.lhs)
    else:
        yield node


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, promql.MatrixSelector):
        yield node.vector_selector
    for name in ("lhs", "rhs", "expr", "param"):
        if (below := getattr(node, name, None)) is not None:
            yield from _nodes(below)
    for below in getattr(node, "args", None) or ():
        yield from _nodes(below)
