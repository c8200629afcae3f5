"""Regular expressions in linear time: their time grows with text times pattern, and no faster.

Python's `re` backtracks: `(a+)+$` on forty letters takes years, and a query may come from anyone who can open a link.
Here, a pattern becomes a state machine that walks a text once. Features that need backtracking are missing: references
to a group, lookahead and lookbehind. Groups only group, since a query only asks whether a pattern matches, and a page
where.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal, NamedTuple, NoReturn, TypeAlias

from aim.deadline import check

MAX_PATTERN = 200
MAX_PROGRAM = 500
MAX_NESTED = 20
MAX_TEXT = 10_000
MAX_CACHED = 2_000

Test: TypeAlias = Callable[[str], bool]


class PatternError(ValueError):
    """`at` is an offset in the pattern."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _not(test: Test) -> Test:
    return lambda char: not test(char)


_CLASSES: Final[dict[str, Test]] = {
    "d": str.isdecimal, "D": _not(str.isdecimal),
    "w": _is_word, "W": _not(_is_word),
    "s": str.isspace, "S": _not(str.isspace),
}  # fmt: skip
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_PLACES: Final[dict[str, Callable[[str, str], bool]]] = {
    "start": lambda before, after: not before,
    "end": lambda before, after: not after,
    "edge": lambda before, after: _is_word(before or " ") != _is_word(after or " "),
    "inside": lambda before, after: _is_word(before or " ") == _is_word(after or " "),
}
_ESCAPED_PLACES: Final = {"b": "edge", "B": "inside", "A": "start", "Z": "end"}


class Instruction(NamedTuple):
    """char: continues if `test` holds. place: continues if the place between two characters is one of _PLACES.
    split: continues at `to` and at `other`. match: the pattern matches."""

    kind: Literal["char", "place", "split", "match"]
    to: int = 0
    other: int = 0
    test: Test | None = None
    place: str = ""


class _Assembler:
    """One pass over the pattern. Every method appends the instructions of the part that it reads."""

    def __init__(self, pattern: str) -> None:
        self.ignores_case = pattern.startswith("(?i)")
        self.pattern = pattern
        self.at = 4 if self.ignores_case else 0
        self.nested = 0
        self.instructions: list[Instruction] = []

    def read(self) -> list[Instruction]:
        if len(self.pattern) > MAX_PATTERN:
            raise PatternError(f"the pattern has {len(self.pattern)} characters, at most {MAX_PATTERN} are read", 0)
        self.alternatives()
        if self.at < len(self.pattern):
            self.fail("`)` closes nothing")
        self.add(Instruction("match"))
        return self.instructions

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise PatternError(message, self.at if at is None else at)

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        if self.at >= len(self.pattern):
            self.fail("the pattern ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def add(self, instruction: Instruction) -> int:
        if len(self.instructions) >= MAX_PROGRAM:
            self.fail("the pattern is too large: repeat less")
        self.instructions.append(instruction)
        return len(self.instructions) - 1

    def insert(self, at: int) -> None:
        """Make room for one step at `at`; the following ones move up by one."""
        self.add(Instruction("match"))
        moved = [_moved(instruction, at, 1) for instruction in self.instructions[at:-1]]
        self.instructions[at:] = [Instruction("match"), *moved]

    def alternatives(self) -> None:
        start = len(self.instructions)
        self.sequence()
        if self.peek() != "|":
            return
        self.at += 1
        self.insert(start)
        jump = self.add(Instruction("split"))
        self.instructions[start] = Instruction("split", start + 1, len(self.instructions))
        self.alternatives()
        end = len(self.instructions)
        self.instructions[jump] = Instruction("split", end, end)

    def sequence(self) -> None:
        while self.peek() not in ("", "|", ")"):
            start = len(self.instructions)
            begun = self.at
            self.atom()
            self.repeated(start, begun)

    def repeated(self, start: int, begun: int) -> None:
        sign = self.peek()
        if sign not in ("*", "+", "?", "{"):
            return
        low, high = self.bounds()
        if self.peek() == "?":
            self.at += 1
        if self.peek() in ("*", "+", "?", "{"):
            self.fail(f"`{self.peek()}` repeats a repetition", begun)
        piece = self.instructions[start:]
        del self.instructions[start:]
        self.repeat(piece, start, low, high)

    def bounds(self) -> tuple[int, int | None]:
        sign = self.take()
        if sign != "{":
            return (1 if sign == "+" else 0), (1 if sign == "?" else None)
        closing = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : closing].partition(",")
        if closing < 0 or not (low + high).isdecimal() or not low and not high or len(low + high) > 6:
            self.fail("`{` begins a repetition such as {3} or {1,3}; write \\{ for the sign itself", self.at - 1)
        self.at = closing + 1
        return int(low or 0), int(high) if high else (None if comma else int(low))

    def repeat(self, piece: list[Instruction], origin: int, low: int, high: int | None) -> None:
        if high is not None and high < low:
            self.fail("a repetition counts down")
        if low > MAX_PROGRAM:
            self.fail("the pattern is too large: repeat less")
        for _ in range(low):
            self.paste(piece, origin)
        if high is None:
            loop = self.add(Instruction("split"))
            self.paste(piece, origin)
            self.add(Instruction("split", loop, loop))
            self.instructions[loop] = Instruction("split", loop + 1, len(self.instructions))
            return
        for _ in range(high - low):
            skip = self.add(Instruction("split"))
            self.paste(piece, origin)
            self.instructions[skip] = Instruction("split", skip + 1, len(self.instructions))

    def paste(self, piece: list[Instruction], origin: int) -> None:
        shift = len(self.instructions) - origin
        for instruction in piece:
            self.add(_moved(instruction, origin, shift))

    def atom(self) -> None:
        sign = self.take()
        if sign == "(":
            self.group()
        elif sign == "[":
            self.char(self.set())
        elif sign == ".":
            self.char(lambda char: char != "\n")
        elif sign in "^$":
            self.place("start" if sign == "^" else "end")
        elif sign == "\\":
            self.escape()
        elif sign in "*+?{":
            self.fail(f"`{sign}` repeats nothing", self.at - 1)
        else:
            self.char(self.same(sign))

    def char(self, test: Test) -> None:
        self.add(Instruction("char", len(self.instructions) + 1, test=test))

    def place(self, name: str) -> None:
        self.add(Instruction("place", len(self.instructions) + 1, place=name))

    def same(self, wanted: str) -> Test:
        if self.ignores_case:
            folded = wanted.casefold()
            return lambda char: char.casefold() == folded
        return lambda char: char == wanted

    def group(self) -> None:
        opening = self.at - 1
        self.nested += 1
        if self.nested > MAX_NESTED:
            self.fail(f"groups nest more than {MAX_NESTED} deep", opening)
        if self.peek() == "?":
            self.group_kind(opening)
        self.alternatives()
        if self.peek() != ")":
            self.fail("`(` is not closed", opening)
        self.at += 1
        self.nested -= 1

    def group_kind(self, opening: int) -> None:
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self.pattern.startswith("?P<", self.at) and ">" in self.pattern[self.at :]:
            self.at = self.pattern.index(">", self.at) + 1
        else:
            self.fail("of the groups with `?` there are (?:...), (?P<name>...), and (?i) at the very start", opening)

    def escape(self) -> None:
        sign = self.take()
        if sign in _ESCAPED_PLACES:
            self.place(_ESCAPED_PLACES[sign])
        elif sign in _CLASSES:
            self.char(_CLASSES[sign])
        else:
            self.char(self.same(self.escaped(sign)))

    def escaped(self, sign: str) -> str:
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign.isalnum():
            self.fail(f"`\\{sign}` is not known here", self.at - 2)
        return sign

    def set(self) -> Test:
        opening = self.at - 1
        negated = self.peek() == "^"
        self.at += negated
        tests: list[Test] = []
        while self.peek() != "]" or not tests:
            if not self.peek():
                self.fail("`[` is not closed", opening)
            tests.append(self.set_item())
        self.at += 1
        chosen = tuple(tests)
        any_of: Test = lambda char: any(test(char) for test in chosen)  # noqa: E731
        return _not(any_of) if negated else any_of

    def set_item(self) -> Test:
        begun = self.at
        low = self.set_char()
        if not isinstance(low, str):
            return low
        if self.peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("", "]"):
            return self.same(low)
        self.at += 1
        high = self.set_char()
        if not isinstance(high, str) or high < low:
            self.fail("a range goes from a character to a later one", begun)
        return self.between(low, high)

    def set_char(self) -> str | Test:
        sign = self.take()
        if sign != "\\":
            return sign
        sign = self.take()
        return _CLASSES[sign] if sign in _CLASSES else self.escaped(sign)

    def between(self, low: str, high: str) -> Test:
        if self.ignores_case:
            return lambda char: low <= char.lower() <= high or low <= char.upper() <= high
        return lambda char: low <= char <= high


def _moved(instruction: Instruction, origin: int, shift: int) -> Instruction:
    """The instruction after everything from `origin` on moved by `shift`; earlier ones stay."""
    to = instruction.to + shift if instruction.to >= origin else instruction.to
    other = instruction.other + shift if instruction.other >= origin else instruction.other
    return instruction._replace(to=to, other=other)


class _MatchState:
    """The possible positions of the machine, and the last character. `moves` caches the next states."""

    __slots__ = ("before", "moves", "places", "steps")

    def __init__(self, places: frozenset[int], before: str) -> None:
        self.places = places
        self.before = before
        self.moves: dict[str, _MatchState] = {}
        self.steps: dict[str, tuple[_MatchState, bool]] = {}


_FITS: Final = _MatchState(frozenset(), "")
_FAILS: Final = _MatchState(frozenset(), "")


class Pattern:
    def __init__(self, pattern: str) -> None:
        self._program = _Assembler(pattern).read()
        self._forget()

    def match(self, text: str) -> bool:
        """Whether the pattern matches from the start of the text."""
        return self._walk(text, anywhere=False)

    def search(self, text: str, *, longest: int = MAX_TEXT) -> bool:
        """Whether the pattern matches anywhere in the text, of at most `longest` characters."""
        return self._walk(text, anywhere=True, longest=longest)

    def spans(self, text: str, *, most: int, looks: int) -> list[tuple[int, int]]:
        """Where the pattern matches: from the left, each as far as possible, none empty. At most `most` of them, and
        those that are found in `looks` looks at a character: to find where matches begin takes more than linear time.
        """
        spans: list[tuple[int, int]] = []
        at = 0
        while at < len(text) and len(spans) < most and looks > 0:
            end, looked = self._longest(text, at, looks)
            looks -= looked
            if end > at:
                spans.append((at, end))
            at = max(end, at + 1)
        return spans

    def _longest(self, text: str, start: int, most: int) -> tuple[int, int]:
        """Where the longest match from `start` ends, -1 if there is none, and how many characters were looked at."""
        state = self._state(frozenset({0}), text[max(0, start - 1) : start], anywhere=False)
        end, at = -1, start
        while state is not _FAILS and at < start + most:
            after = text[at : at + 1]
            state, matches = state.steps.get(after) or self._step(state, after)
            if matches:
                end = at
            at += 1
        return end, at - start

    def _step(self, state: _MatchState, char: str) -> tuple[_MatchState, bool]:
        """The state after a character, or the end of the text, and whether the pattern matches before it."""
        check()
        self._count()
        waiting, matches = self._closure(state, char)
        places = frozenset(item.to for item in waiting if char and item.test and item.test(char))
        following = self._state(places, char, anywhere=False) if places else _FAILS
        state.steps[char] = following, matches
        return following, matches

    def _forget(self) -> None:
        self._states: dict[tuple[frozenset[int], str, bool], _MatchState] = {}
        self._cached = 0

    def _walk(self, text: str, *, anywhere: bool, longest: int = MAX_TEXT) -> bool:
        if len(text) > longest:
            raise ValueError(f"patterns look at texts of at most {longest} characters")
        state = self._state(frozenset({0}), "", anywhere)
        for char in text:
            state = state.moves.get(char) or self._move(state, char, anywhere)
            if state is _FITS:
                return True
            if state is _FAILS:
                return False
        return self._reached(state, "") is None

    def _state(self, places: frozenset[int], before: str, anywhere: bool) -> _MatchState:
        kind = "" if not before else "a" if _is_word(before) else " "
        return self._states.setdefault((places, kind, anywhere), _MatchState(places, kind))

    def _count(self) -> None:
        if self._cached >= MAX_CACHED:
            self._forget()
        self._cached += 1

    def _move(self, state: _MatchState, char: str, anywhere: bool) -> _MatchState:
        check()
        self._count()
        state.moves[char] = target = self._next(state, char, anywhere)
        return target

    def _next(self, state: _MatchState, char: str, anywhere: bool) -> _MatchState:
        reached = self._reached(state, char)
        if reached is None:
            return _FITS
        places = {instruction.to for instruction in reached if instruction.test and instruction.test(char)}
        if anywhere:
            places.add(0)
        return self._state(frozenset(places), char, anywhere) if places else _FAILS

    def _reached(self, state: _MatchState, after: str) -> list[Instruction] | None:
        """The instructions that wait for a character; None if the pattern already matches."""
        waiting, matches = self._closure(state, after)
        return None if matches else waiting

    def _closure(self, state: _MatchState, after: str) -> tuple[list[Instruction], bool]:
        """The instructions that wait for a character, and whether the pattern matches before it."""
        left, seen = list(state.places), set(state.places)
        waiting: list[Instruction] = []
        matches = False
        while left:
            instruction = self._program[left.pop()]
            if instruction.kind == "match":
                matches = True
            elif instruction.kind == "char":
                waiting.append(instruction)
            elif instruction.kind == "split" or _PLACES[instruction.place](state.before, after):
                onward = {instruction.to, instruction.other} if instruction.kind == "split" else {instruction.to}
                left.extend(onward - seen)
                seen |= onward
        return waiting, matches


@lru_cache(64)
def compile_pattern(pattern: str) -> Pattern:
    """Raises PatternError."""
    return Pattern(pattern)
