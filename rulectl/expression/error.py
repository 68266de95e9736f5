"""What can be wrong with an expression: at load (ExpressionError) and when it is evaluated (EvaluationError)."""

from __future__ import annotations

from rulectl.errors import RulectlError


class ExpressionError(RulectlError):
    """The text of an expression or a template is not acceptable.

    `start` and `end` are 0-based character offsets in the text that was compiled (`end` is one
    past the last character), so that a caller can put a caret under them. `hint` says what to
    write instead, or is empty. `path` leads to the string inside a nested template (empty for
    plain expressions). `others` are further faults found in the same compilation.
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.hint = hint
        self.path: tuple[str | int, ...] = ()
        self.others: tuple[ExpressionError, ...] = ()

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def every(self) -> list[ExpressionError]:
        """This fault and all others of the same compilation, in the order of the text."""
        return [self, *self.others]

    def at(self, offset: int, path: tuple[str | int, ...]) -> ExpressionError:
        """The same fault, seen from a text in which this one begins at `offset`."""
        moved = ExpressionError(self.message, self.start + offset, self.end + offset, self.hint)
        moved.path = path
        return moved


class EvaluationError(RulectlError):
    """An expression had no value: a function was given what it cannot work with.

    The message names the function and the argument. `text` is the expression, `start` and `end` are
    0-based offsets of the failing part in it (equal when it is not known). For the engine this means
    *unknown*: neither true nor false.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, function: str = "", text: str = "") -> None:
        super().__init__(message)
        self.text = text
        self.start = start
        self.end = end
        self.function = function


def together(errors: list[ExpressionError]) -> ExpressionError:
    """The first of `errors`, which carries the rest as its `others`."""
    first, *rest = errors
    first.others = tuple(rest)
    return first
