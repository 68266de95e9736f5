"""A fault in a text that was typed on the command line, with a caret under the character; pure."""

from __future__ import annotations

from rulectl.expression import EvaluationError, ExpressionError


def fault_text(expression: str, fault: ExpressionError | EvaluationError) -> str:
    """What is wrong with `expression`: each fault as a message, the line it is in, and carets."""
    faults = fault.every() if isinstance(fault, ExpressionError) else [fault]
    return "\n".join(f"{one}\n{underlined(expression, one.start, one.end)}" for one in faults)


def underlined(text: str, start: int, end: int, indent: str = "  ") -> str:
    """The line of `text` that `start` is in, and carets below from `start` to `end` (offsets in `text`)."""
    start = max(0, min(start, len(text)))
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    line = text[first:] if last < 0 else text[first:last]
    width = max(1, min(end, first + len(line)) - start)
    # A tab stays a tab, so that the carets stand below their characters.
    gap = "".join("\t" if character == "\t" else " " for character in line[: start - first])
    return f"{indent}{line}\n{indent}{gap}{'^' * width}"
