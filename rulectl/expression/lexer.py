"""Tokens of an expression: jmespath's own lexer, with ends that are right and errors that help."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from jmespath.exceptions import EmptyExpressionError, LexerError
from jmespath.lexer import Lexer

from rulectl.expression.error import ExpressionError

MAX_LENGTH = 20_000
"""Longer expressions are refused: nobody writes them, and all costs below grow with this."""

_QUOTED = {quote: re.compile(rf"{quote}(?:[^{quote}\\]|\\.)*{quote}", re.DOTALL) for quote in "'`\""}
_NUMBER = re.compile("-?[0-9]+")
_LENGTHS = {"flatten": 2, "filter": 2, "or": 2, "and": 2, "eq": 2, "ne": 2, "lte": 2, "gte": 2}
_KEY_HINT = (
    "a key with other characters than letters, digits and _ is written in double quotes, "
    "or read with annotation(object, 'a.io/key')"
)


class Token(NamedTuple):
    """`kind` is jmespath's token type."""

    kind: str
    value: Any
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`; the last one is of kind ``eof``.

    Raises:
        ExpressionError: the text is empty, too long, or has something in it that is no token.
    """
    if len(text) > MAX_LENGTH:
        message = f"an expression may have at most {MAX_LENGTH:,} characters, this one has {len(text):,}"
        raise ExpressionError(message, 0, len(text), "split it with `let`")
    if not text.strip(" \t\n\r"):
        raise ExpressionError("the expression is empty", 0, len(text), "write a JMESPath expression")
    try:
        return [_token(token, text) for token in _QuietLexer().tokenize(text)]
    except LexerError as error:
        raise _explained(error, text) from error
    except EmptyExpressionError as error:
        raise ExpressionError("the expression is empty", 0, len(text)) from error
    except (ValueError, RecursionError) as error:
        message = "a number or a literal in the expression is too long or too deeply nested"
        raise ExpressionError(message, 0, len(text)) from error


class _QuietLexer(Lexer):  # type: ignore[misc] # jmespath has no types
    """Accepts the old `` `text` `` spelling of strings as jmespath does, but without its warning."""

    def _consume_literal(self) -> dict[str, object]:
        start = self._position
        lexeme = self._consume_until("`").replace("\\`", "`")
        try:
            value = json.loads(lexeme)
        except ValueError:
            try:
                value = json.loads(f'"{lexeme.lstrip()}"')
            except ValueError:
                message = f"Bad token {lexeme}"
                raise LexerError(start, self._expression[start:], message) from None
        return {"type": "literal", "value": value, "start": start}


def _token(token: dict[str, Any], text: str) -> Token:
    kind, value, start = token["type"], token["value"], token["start"]
    if kind == "eof":
        return Token(kind, value, start, start)
    if kind in {"literal", "quoted_identifier"}:
        quoted = _QUOTED[text[start]].match(text, start)
        return Token(kind, value, start, quoted.end() if quoted else len(text))
    if kind == "unquoted_identifier":
        return Token(kind, value, start, start + len(value))
    if kind == "number":
        digits = _NUMBER.match(text, start)
        return Token(kind, value, start, digits.end() if digits else start + 1)
    return Token(kind, value, start, start + _LENGTHS.get(kind, 1))


def _explained(error: LexerError, text: str) -> ExpressionError:
    start = min(error.lexer_position, max(len(text) - 1, 0))
    found = text[start]
    if "Unclosed" in error.message:
        return ExpressionError(f"the {found} that opens here is never closed", start, len(text))
    if found == "`":
        end = _QUOTED["`"].match(text, start)
        hint = 'between backticks stands JSON: `5`, `true`, `null`, `[]`, `"text"`'
        return ExpressionError("this literal is not JSON", start, end.end() if end else len(text), hint)
    if found == '"':
        end = _QUOTED['"'].match(text, start)
        return ExpressionError("this quoted key is not a JSON string", start, end.end() if end else len(text))
    if found == "=":
        return ExpressionError("a single = means nothing here", start, start + 1, "compare with ==")
    hint = "JMESPath has no $; begin with a root such as object" if found == "$" else _KEY_HINT
    if found == "-":
        hint = f"there is no minus: use subtract(a, b); {_KEY_HINT}"
    return ExpressionError(f"unexpected character {found!r}", start, start + 1, hint)
