"""Strongly connected components: what can be reached from each other (Tarjan)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)


def components(edges: Mapping[_Node, Iterable[_Node]]) -> Iterator[list[_Node]]:
    """Give the strongly connected components, each after those that it leads to."""
    index: dict[_Node, int] = {}
    low: dict[_Node, int] = {}
    stack: list[_Node] = []
    standing: set[_Node] = set()
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        standing.add(root)
        while work:
            node, ways = work[-1]
            after = next(ways, None)
            if after is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    yield _popped(stack, standing, node)
            elif after not in index:
                index[after] = low[after] = len(index)
                stack.append(after)
                standing.add(after)
                work.append((after, iter(edges[after])))
            elif after in standing:
                low[node] = min(low[node], index[after])


def _popped(stack: list[_Node], standing: set[_Node], root: _Node) -> list[_Node]:
    component: list[_Node] = []
    while True:
        node = stack.pop()
        standing.discard(node)
        component.append(node)
        if node == root:
            return component
