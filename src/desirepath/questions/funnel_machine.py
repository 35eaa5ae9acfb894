"""What shapes may a chain through a funnel take?

Every kind of funnel (ordered, any order, partly ordered, with optional steps) is a walk through one small
acyclic machine: a node says which steps are done, an edge says which step comes next. Node 0 has nothing done.

    ordered a, b, c            0 -a-> 1 -b-> 2 -c-> 3
    b optional                 ... and 1 -c-> 3 beside it
    any order a, b             0 -a-> 1 -b-> 3,  0 -b-> 2 -a-> 3

The machine keeps the kernel free of cases: it only ever follows edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FOREVER = np.int64(2**62)
"""A length of time that no data reaches, in microseconds; a bound that never binds."""

MOST_IN_A_BLOCK = 8

Int64s = npt.NDArray[np.int64]


EDGE_FROM, EDGE_TO, EDGE_STEP, EDGE_WITHIN = 0, 1, 2, 3
DEPTH, ENDS_IN, PATIENCE, PLACE, FIRST_OUT, LAST_OUT = 0, 1, 2, 3, 4, 5


class Machine(NamedTuple):
    """The compiled shape of a funnel; arrays only, so that a kernel can take it.

    Attributes
    ----------
    edges
        int64[edges, 4]: node before, node after, step, longest time from the element before in microseconds
        (`FOREVER` where there is none). Ordered by the node before, descending, so that one pass over the edges
        never uses an event twice.
    nodes
        int64[nodes, 6]: required steps done; the optional step that the node ends in, or -1; the longest time
        that any edge out of it allows (-1 at the last node); the node's first place in a store of chains (filled
        by the walk); and its slice of `out`.
    out
        int64[edges]: positions in `edges`, by the node before.
    """

    edges: Int64s
    nodes: Int64s
    out: Int64s


def build_machine(blocks: Sequence[Sequence[int]], optional: frozenset[int], within: dict[int, int]) -> Machine:
    """Build the machine of a funnel.

    Parameters
    ----------
    blocks
        Steps numbered from 0, grouped: the order inside a group is free.
    optional
        Steps that may be left out; each stands alone in its block, and neither first nor last.
    within
        Longest time from the element before, in microseconds, for the steps that have one.
    """
    edges: list[tuple[int, int, int]] = []
    depth, ends_in = [0], [-1]
    heads = [0]
    done = 0
    for block in blocks:
        if len(block) == 1 and block[0] in optional:
            node = len(depth)
            depth.append(done)
            ends_in.append(block[0])
            edges += [(head, node, block[0]) for head in heads]
            heads = [*heads, node]
        else:
            heads = [_add_block(block, heads, edges, depth, ends_in)]
            done += len(block)
    return _as_arrays(edges, depth, ends_in, within)


def _add_block(
    block: Sequence[int],
    heads: list[int],
    edges: list[tuple[int, int, int]],
    depth: list[int],
    ends_in: list[int],
) -> int:
    """Add every subset of the block as a node, smaller subsets first; return the node of the whole block."""
    done = depth[heads[-1]]
    whole = (1 << len(block)) - 1
    node_of: dict[int, int] = {}
    for subset in sorted(range(1, whole + 1), key=lambda bits: (bits.bit_count(), bits)):
        node = node_of[subset] = len(depth)
        depth.append(done + subset.bit_count())
        ends_in.append(-1)
        for place, step in enumerate(block):
            before = subset & ~(1 << place)
            if before == subset:
                continue
            sources = heads if before == 0 else [node_of[before]]
            edges += [(source, node, step) for source in sources]
    return node_of[whole]


def _as_arrays(
    edges: list[tuple[int, int, int]], depth: list[int], ends_in: list[int], within: dict[int, int]
) -> Machine:
    table = np.array(
        [(*edge, within.get(edge[2], int(FOREVER))) for edge in sorted(edges, key=lambda edge: (-edge[0], edge[1]))],
        dtype=np.int64,
    )
    out = np.argsort(table[:, EDGE_FROM], kind="stable").astype(np.int64)
    sources = table[out, EDGE_FROM]
    nodes = np.zeros((len(depth), 6), dtype=np.int64)
    nodes[:, DEPTH] = depth
    nodes[:, ENDS_IN] = ends_in
    nodes[:, PATIENCE] = -1
    np.maximum.at(nodes[:, PATIENCE], table[:, EDGE_FROM], table[:, EDGE_WITHIN])
    nodes[:, FIRST_OUT] = np.searchsorted(sources, np.arange(len(depth)))
    nodes[:, LAST_OUT] = np.searchsorted(sources, np.arange(len(depth)), side="right")
    return Machine(table, nodes, out)
