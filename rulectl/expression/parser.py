"""From text to syntax tree: jmespath's grammar, operator by operator, with places.

The binding powers and every quirk are jmespath's (tests compare the two trees); two slips that
it lets through, a missing comma and one too many, are errors here.
"""

from __future__ import annotations

from rulectl.expression.error import ExpressionError
from rulectl.expression.lexer import Token, tokenize
from rulectl.expression.syntax import (
    And,
    Call,
    Comparator,
    Current,
    Field,
    FilterProjection,
    Flatten,
    Identity,
    Index,
    IndexExpression,
    Literal,
    MultiSelectHash,
    MultiSelectList,
    Not,
    Or,
    Pair,
    Pipe,
    Projection,
    Reference,
    Slice,
    Subexpression,
    Syntax,
    ValueProjection,
    height,
)

MAX_NESTING = 128
"""Levels of brackets, projections and operators; deeper ones are refused (they would exhaust the stack)."""

_POWER = {
    "pipe": 1,
    "or": 2,
    "and": 3,
    "eq": 5,
    "gt": 5,
    "lt": 5,
    "gte": 5,
    "lte": 5,
    "ne": 5,
    "flatten": 9,
    "star": 20,
    "filter": 21,
    "dot": 40,
    "not": 45,
    "lbrace": 50,
    "lbracket": 55,
    "lparen": 60,
}
_PROJECTION_STOP = 10
_COMPARATORS = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_SPELLING = {"rbracket": "]", "rparen": ")", "rbrace": "}", "comma": ",", "colon": ":", "star": "*"}


def parse(text: str) -> Syntax:
    """The syntax tree of `text`.

    Raises:
        ExpressionError: it is not JMESPath, or too long or too deeply nested.
    """
    too_deep = ExpressionError(
        f"the expression is nested more than {MAX_NESTING} levels deep", 0, len(text), "split it with `let`"
    )
    try:
        parser = _Parser(text)
        node = parser.whole()
    except RecursionError as error:
        raise too_deep from error
    # A level takes a token at least, or it is one of the empty places between two.
    if 2 * parser.size > MAX_NESTING and height(node) > MAX_NESTING:
        raise too_deep
    return node


class _Parser:
    """Top-down operator precedence: what begins an expression, and what may follow its left part."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._next = 0
        self._level = 0

    @property
    def size(self) -> int:
        return len(self._tokens)

    def whole(self) -> Syntax:
        node = self._expression(0)
        if self._kind() != "eof":
            raise self._unexpected(self._token(), "the expression should end here")
        return node

    def _expression(self, power: int) -> Syntax:
        self._level += 1
        if self._level > MAX_NESTING:
            raise RecursionError
        start = self._token().start
        left = self._prefix(self._take())
        while power < _POWER.get(self._kind(), 0):
            left = self._infix(left, start, self._take())
        self._level -= 1
        return left

    # What begins an expression

    def _prefix(self, token: Token) -> Syntax:  # noqa: PLR0912 - one case per token
        start, end = token.start, token.end
        match token.kind:
            case "unquoted_identifier":
                return Field(start, end, token.value)
            case "quoted_identifier":
                if self._kind() == "lparen":
                    message = "a function's name is written without quotes"
                    raise ExpressionError(message, start, end, f"write {token.value}(...)")
                return Field(start, end, token.value)
            case "literal":
                return Literal(start, end, token.value)
            case "current":
                return Current(start, end)
            case "star":
                base = Identity(start, start)
                if self._kind() == "rbracket":
                    return ValueProjection(start, end, base, Identity(end, end))
                body = self._body(_POWER["star"])
                return ValueProjection(start, self._end(), base, body)
            case "filter":
                return self._filter(Identity(start, start), start)
            case "flatten":
                return self._flatten(Identity(start, start), start, token)
            case "lbrace":
                return self._hash(start)
            case "lparen":
                node = self._expression(0)
                self._match("rparen")
                return node
            case "not":
                operand = self._expression(_POWER["not"])
                return Not(start, self._end(), operand)
            case "expref":
                operand = self._expression(0)
                return Reference(start, self._end(), operand)
            case "lbracket":
                return self._bracket(start)
            case _:
                raise self._unexpected(token, "an expression should begin here")

    def _bracket(self, start: int) -> Syntax:
        if self._kind() in {"number", "colon"}:
            return self._projected(Identity(start, start), self._index(start), start)
        if self._kind() == "star" and self._tokens[self._next + 1].kind == "rbracket":
            self._take()
            self._take()
            body = self._body(_POWER["star"])
            return Projection(start, self._end(), Identity(start, start), body)
        return self._list(start)

    # What follows a left part

    def _infix(self, left: Syntax, start: int, token: Token) -> Syntax:
        match token.kind:
            case "dot":
                return self._dot(left, start)
            case "pipe":
                right = self._expression(_POWER["pipe"])
                steps = (*left.steps, right) if isinstance(left, Pipe) else (left, right)
                return Pipe(start, self._end(), steps)
            case "or":
                right = self._expression(_POWER["or"])
                operands = (*left.operands, right) if isinstance(left, Or) else (left, right)
                return Or(start, self._end(), operands)
            case "and":
                right = self._expression(_POWER["and"])
                operands = (*left.operands, right) if isinstance(left, And) else (left, right)
                return And(start, self._end(), operands)
            case "eq" | "ne" | "lt" | "lte" | "gt" | "gte":
                right = self._expression(_POWER[token.kind])
                return Comparator(start, self._end(), _COMPARATORS[token.kind], left, right)
            case "flatten":
                return self._flatten(left, start, token)
            case "filter":
                return self._filter(left, start)
            case "lbracket":
                return self._subscript(left, start, token)
            case "lparen":
                return self._call(left, start, token)
            case _:
                raise self._unexpected(token, "an operator is missing before it")

    def _dot(self, left: Syntax, start: int) -> Syntax:
        if self._kind() == "star":
            self._take()
            body = self._body(_POWER["dot"])
            return ValueProjection(start, self._end(), left, body)
        right = self._after_dot(_POWER["dot"])
        steps = (*left.steps, right) if isinstance(left, Subexpression) else (left, right)
        return Subexpression(start, self._end(), steps)

    def _subscript(self, left: Syntax, start: int, token: Token) -> Syntax:
        if self._kind() in {"number", "colon"}:
            right = self._index(token.start)
            if isinstance(left, IndexExpression):
                return IndexExpression(start, self._end(), (*left.steps, right))
            return self._projected(left, right, start)
        if self._kind() != "star":
            hint = "keys in brackets are not JMESPath: write a.\"key\", or annotation(object, 'a.io/key')"
            raise self._unexpected(self._token(), "inside [ ] stands a number, a slice, * or ?", hint)
        self._take()
        self._match("rbracket")
        body = self._body(_POWER["star"])
        return Projection(start, self._end(), left, body)

    def _call(self, left: Syntax, start: int, token: Token) -> Syntax:
        if not isinstance(left, Field):
            message = "only a function's name can stand before ("
            raise ExpressionError(message, left.start, token.end)
        arguments: list[Syntax] = []
        if self._kind() != "rparen":
            arguments.append(self._expression(0))
            while self._kind() == "comma":
                self._take()
                arguments.append(self._expression(0))
        self._match("rparen")
        return Call(start, self._end(), left.name, tuple(arguments))

    def _filter(self, left: Syntax, start: int) -> Syntax:
        condition = self._expression(0)
        self._match("rbracket")
        here = self._end()
        body = Identity(here, here) if self._kind() == "flatten" else self._body(_POWER["filter"])
        return FilterProjection(start, self._end(), left, body, condition)

    def _flatten(self, left: Syntax, start: int, token: Token) -> Syntax:
        base = Flatten(start, token.end, left)
        body = self._body(_POWER["flatten"])
        return Projection(start, self._end(), base, body)

    # Parts

    def _projected(self, left: Syntax, right: Index | Slice, start: int) -> Syntax:
        base = IndexExpression(start, self._end(), (left, right))
        if isinstance(right, Index):
            return base
        body = self._body(_POWER["star"])
        return Projection(start, self._end(), base, body)

    def _body(self, power: int) -> Syntax:
        """What a projection does with each element."""
        kind = self._kind()
        if _POWER.get(kind, 0) < _PROJECTION_STOP:
            return Identity(self._end(), self._end())
        if kind in {"lbracket", "filter"}:
            return self._expression(power)
        if kind == "dot":
            self._take()
            return self._after_dot(power)
        raise self._unexpected(self._token(), "an operator is missing before it")

    def _after_dot(self, power: int) -> Syntax:
        match self._kind():
            case "quoted_identifier" | "unquoted_identifier" | "star":
                return self._expression(power)
            case "lbracket":
                return self._list(self._take().start)
            case "lbrace":
                return self._hash(self._take().start)
            case _:
                raise self._unexpected(self._token(), "after a dot stands a key, *, [ or {")

    def _index(self, start: int) -> Index | Slice:
        if self._kind() == "number" and self._tokens[self._next + 1].kind != "colon":
            position = self._take().value
            self._match("rbracket")
            return Index(start, self._end(), position)
        parts: list[int | None] = [None, None, None]
        place = 0
        while self._kind() != "rbracket":
            token = self._take()
            if token.kind == "colon" and place < 2:
                place += 1
            elif token.kind == "number":
                if place == 2 and token.value == 0:
                    raise ExpressionError("the step of a slice cannot be 0", token.start, token.end)
                parts[place] = token.value
            else:
                raise self._unexpected(token, "a slice is written [first:last:step]")
        self._take()
        return Slice(start, self._end(), parts[0], parts[1], parts[2])

    def _list(self, start: int) -> Syntax:
        parts = [self._expression(0)]
        while self._kind() == "comma":
            self._take()
            parts.append(self._expression(0))
        self._match("rbracket")
        return MultiSelectList(start, self._end(), tuple(parts))

    def _hash(self, start: int) -> Syntax:
        pairs = [self._pair()]
        while self._kind() == "comma":
            self._take()
            pairs.append(self._pair())
        self._match("rbrace")
        return MultiSelectHash(start, self._end(), tuple(pairs))

    def _pair(self) -> Pair:
        key = self._take()
        if key.kind not in {"quoted_identifier", "unquoted_identifier"}:
            raise self._unexpected(key, "inside { } stand key: value pairs")
        self._match("colon")
        value = self._expression(0)
        return Pair(key.start, self._end(), key.value, value)

    # Tokens

    def _token(self) -> Token:
        return self._tokens[self._next]

    def _kind(self) -> str:
        return self._tokens[self._next].kind

    def _take(self) -> Token:
        token = self._tokens[self._next]
        if token.kind != "eof":
            self._next += 1
        return token

    def _end(self) -> int:
        return self._tokens[self._next - 1].end if self._next else 0

    def _match(self, kind: str) -> None:
        token = self._take()
        if token.kind != kind:
            raise self._unexpected(token, f"{_SPELLING[kind]} is missing before it")

    def _unexpected(self, token: Token, reason: str, hint: str = "") -> ExpressionError:
        if token.kind == "eof":
            end = len(self._text)
            return ExpressionError("the expression ends too early", end, end, hint)
        word = self._text[token.start : token.end]
        return ExpressionError(f"unexpected {word}: {reason}", token.start, token.end, hint)
