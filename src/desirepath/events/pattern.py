"""Patterns over a journey's events, as text: `visit -> {not chat}* -> order`.

    a -> b             b directly after a
    a -> ... -> b      b at any time after a
    .                  any event
    {a or b}, {not a}  one of these names; none of them
    {value > 100}      a filter
    a+  a*  a?  a{2,3} one or more, any number, at most one, two or three
    (a -> b)+  a | b   groups, alternatives
    ^ a    b $         the journey's first event, its last

A pattern becomes a machine of states without silent moves. What it means is written out in docs/questions/patterns.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from desirepath.errors import InputError
from desirepath.events.where import Where

MOST_STATES, MOST_CLASSES, MOST_REPEATS = 200, 60, 20

_TOKEN = re.compile(
    r"""\s*(?:(?P<arrow>->)|(?P<gap>\.\.\.)|(?P<any>\.)|(?P<times>\{\s*\d+\s*(?:,\s*\d*\s*)?\})|\{(?P<class>[^{}]*)\}"""
    r"""|(?P<sign>[()|*+?^$])|'(?P<quoted>(?:[^']|'')*)'|(?P<name>(?:[^\s\-(){}|*+?^$.'"]|-(?!>))"""
    r"""(?:(?:[^\-(){}|*+?^$.'"]|-(?!>))*(?:[^\s\-(){}|*+?^$.'"]|-(?!>)))?))"""
)

_FILTER = re.compile(r"[=<>~]|\b(?:in|is|like|contains)\b|\(", re.IGNORECASE)


@dataclass(frozen=True)
class Move:
    """From one state to another by an event of a class."""

    source: int
    kind: int
    target: int


@dataclass(frozen=True)
class Pattern:
    """A pattern as a machine.

    Attributes
    ----------
    text
        As it was written.
    kinds
        The filters of its classes of events.
    moves
        What events move it; it begins in state 0.
    ends
        The states in which it is complete.
    states
        How many there are.
    at_start, at_end
        Whether it begins with the journey's first event, and ends with its last.
    """

    text: str
    kinds: tuple[Where, ...]
    moves: tuple[Move, ...]
    ends: frozenset[int]
    states: int
    at_start: bool = False
    at_end: bool = False

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern.

        Raises
        ------
        InputError
            If it cannot be read, fits no event at all, or is too large; says where.
        """
        return _Reader(text).pattern()


@dataclass
class _Net:
    """A machine in the making: silent moves, and moves by events; `kinds` by the texts of their filters."""

    states: int = 0
    silent: list[tuple[int, int]] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)

    def state(self) -> int:
        self.states += 1
        return self.states - 1


_Tree = tuple[object, ...]
"""`("event", filter text)`, `("then" | "or", trees)`, or `("times", tree, least, most or None)`."""


class _Reader:
    """Reads one text, by recursive descent."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens: list[tuple[str, str, int]] = []
        while self.text[self.place :].strip():
            found = _TOKEN.match(self.text, self.place)
            if found is None:
                at = self.place + len(self.text[self.place :]) - len(self.text[self.place :].lstrip())
                raise self._wrong("is not understood", at)
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind], found.start(kind)))
            self.place = found.end()
        self.place = 0

    def pattern(self) -> Pattern:
        at_start = self._sign("^")
        tree = self._alternatives()
        at_end = self._sign("$")
        if self.place < len(self.tokens):
            raise self._wrong("does not belong here", self._here())
        net = _Net()
        begin, end = net.state(), net.state()
        self._build(net, tree, begin, end)
        return self._plain(net, end, at_start=at_start, at_end=at_end)

    def _wrong(self, what: str, at: int) -> InputError:
        shown = self.text[at : at + 12] or "the end"
        return InputError(
            f"The pattern cannot be read: {shown!r} {what}, at character {at + 1}:\n  {self.text}\n  {' ' * at}^",
            allowed=["visit -> {not chat}* -> order", "a -> ... -> b", "{a or b}+", "a{2,3}", "(a -> b)+", "a | b"],
        )

    def _here(self) -> int:
        return self.tokens[self.place][2] if self.place < len(self.tokens) else len(self.text)

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.place][:2] if self.place < len(self.tokens) else ("end", "")

    def _sign(self, sign: str) -> bool:
        if self._next() != ("sign", sign):
            return False
        self.place += 1
        return True

    def _alternatives(self) -> _Tree:
        found = [self._sequence()]
        while self._sign("|"):
            found.append(self._sequence())
        return found[0] if len(found) == 1 else ("or", found)

    def _sequence(self) -> _Tree:
        found = [self._repeated()]
        while self._next()[0] == "arrow":
            self.place += 1
            found.append(self._repeated())
        return found[0] if len(found) == 1 else ("then", found)

    def _repeated(self) -> _Tree:
        tree = self._atom()
        while True:
            kind, text = self._next()
            bounds: tuple[int, int | None]
            if kind == "sign" and text in "*+?":
                bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[text]
            elif kind == "times":
                least, comma, most = text.strip("{}").replace(" ", "").partition(",")
                bounds = (int(least), (int(most) if most else None) if comma else int(least))
                if bounds[1] is not None and (bounds[1] < bounds[0] or bounds[1] == 0):
                    raise self._wrong("repeats less than nothing", self._here())
                if max(bounds[0], bounds[1] or 0) > MOST_REPEATS:
                    raise self._wrong(f"repeats more than {MOST_REPEATS} times", self._here())
            else:
                return tree
            self.place += 1
            tree = ("times", tree, *bounds)

    def _atom(self) -> _Tree:
        kind, text = self._next()
        at = self._here()
        if self._sign("("):
            inner = self._alternatives()
            if not self._sign(")"):
                raise self._wrong("should be a closing ')'", self._here())
            return inner
        if kind not in ("gap", "any", "class", "quoted", "name"):
            raise self._wrong("stands where an event should", at)
        self.place += 1
        if kind == "gap":
            return ("times", ("event", "true"), 0, None)
        if kind == "any":
            return ("event", "true")
        if kind in ("quoted", "name"):
            return ("event", _one_of([text.replace("''", "'") if kind == "quoted" else text]))
        if not text.strip():
            raise self._wrong("is an empty class", at)
        return ("event", self._class(text.strip(), at))

    def _class(self, text: str, at: int) -> str:
        """The filter of what stands between braces: names, or a filter already."""
        if _FILTER.search(re.sub(r"'(?:[^']|'')*'", "", text)) is not None:
            Where.parse(text)
            return text
        denied = re.match(r"not\s+", text, re.IGNORECASE)
        names = re.split(r"\s+or\s+|\s*,\s*", text[denied.end() :] if denied else text, flags=re.IGNORECASE)
        plain = [name[1:-1].replace("''", "'") if re.fullmatch(r"'.*'", name) else name for name in names]
        if not all(plain) or any(re.fullmatch(r"(?:.*\s)?(?:or|not)", name, re.IGNORECASE) for name in names):
            raise self._wrong("lacks a name", at)
        return f"not {_one_of(plain)}" if denied else _one_of(plain)

    def _build(self, net: _Net, tree: _Tree, begin: int, end: int) -> None:
        """Add a tree's states and moves between two states."""
        if net.states > MOST_STATES:
            raise InputError(f"The pattern has more than {MOST_STATES} states; repeat less, or ask with several.")
        if tree[0] == "event":
            kind = net.kinds.setdefault(str(tree[1]), len(net.kinds))
            net.moves.append(Move(begin, kind, end))
        elif tree[0] == "or":
            for part in tree[1]:  # type: ignore[attr-defined]
                self._build(net, part, begin, end)
        elif tree[0] == "then":
            parts = list(tree[1])  # type: ignore[call-overload]
            for number, part in enumerate(parts):
                middle = end if number == len(parts) - 1 else net.state()
                self._build(net, part, begin, middle)
                begin = middle
        else:
            _, inner, least, most = tree
            for _ in range(int(least)):  # type: ignore[call-overload]
                middle = net.state()
                self._build(net, inner, begin, middle)  # type: ignore[arg-type]
                begin = middle
            if most is None:
                loop = net.state()
                net.silent += [(begin, loop), (loop, end)]
                again = net.state()
                self._build(net, inner, loop, again)  # type: ignore[arg-type]
                net.silent.append((again, loop))
                return
            net.silent.append((begin, end))
            for _ in range(int(most) - int(least)):  # type: ignore[call-overload]
                middle = net.state()
                self._build(net, inner, begin, middle)  # type: ignore[arg-type]
                net.silent.append((middle, end))
                begin = middle

    def _plain(self, net: _Net, end: int, *, at_start: bool, at_end: bool) -> Pattern:
        """The machine without silent moves, and without states that cannot be reached or lead nowhere."""
        reach = [_closure(state, net.silent) for state in range(net.states)]
        if end in reach[0]:
            raise InputError(f"The pattern {self.text!r} fits no event at all; at least one part must be needed.")
        if len(net.kinds) > MOST_CLASSES:
            raise InputError(f"A pattern can tell {MOST_CLASSES} classes of events apart; this has {len(net.kinds)}.")
        moves = {Move(state, move.kind, move.target) for state in range(net.states) for move in net.moves
                 if move.source in reach[state]}  # fmt: skip
        ends = {state for state in range(net.states) if end in reach[state]}
        alive = _closure(0, [(move.source, move.target) for move in moves])
        number = {state: place for place, state in enumerate(sorted(alive))}
        kept = [Move(number[m.source], m.kind, number[m.target]) for m in moves if m.source in alive]
        return Pattern(
            self.text,
            tuple(Where.parse(text) for text in net.kinds),
            tuple(sorted(kept, key=lambda move: (move.kind, move.source, move.target))),
            frozenset(number[state] for state in ends if state in alive),
            len(number),
            at_start,
            at_end,
        )


def _one_of(names: list[str]) -> str:
    quoted = ["'" + name.replace("'", "''") + "'" for name in names]
    return f"name in ({', '.join(quoted)})"


def _closure(state: int, pairs: list[tuple[int, int]]) -> set[int]:
    """All states that can be reached."""
    following: dict[int, list[int]] = {}
    for source, target in pairs:
        following.setdefault(source, []).append(target)
    found, left = {state}, [state]
    while left:
        for target in following.get(left.pop(), ()):
            if target not in found:
                found.add(target)
                left.append(target)
    return found
