"""The expression language of rules: JMESPath, compiled to Python, with functions for Kubernetes objects.

::

    text --lexer, parser--> syntax tree --check--> faults, or
                                        --reads--> which fields it depends on
                                        --codegen--> a Python function of the roots and the time

`compile_expression` and `compile_template` are the way in; `BUILTIN` is the set of functions, which
`Functions.with_function` extends.

Values are those of jmespath.py, its quirks included (``!`` binds tighter than a dot, 0 is true, 1 and
true are equal inside of arrays). Where it raises a Python TypeError, here is a value: ``<`` between a
text and a number is null, a text contains no number. And more is found before anything is evaluated:
unknown functions, wrong numbers of arguments, literals of a wrong type, missing and doubled commas,
``&`` outside of a function's arguments.

Objects are what JSON decoders make: dict and list all the way down. Other mappings and tuples are read
as objects and arrays too, but ``==`` is then Python's.
"""

from __future__ import annotations

from rulectl.expression.error import EvaluationError, ExpressionError
from rulectl.expression.expression import Expression, compile_expression
from rulectl.expression.function import Function, Functions, Parameter, Time
from rulectl.expression.functions.catalog import BUILTIN, JMESPATH
from rulectl.expression.kind import ANY, Kind
from rulectl.expression.reads import RELATIVE_ROOT
from rulectl.expression.runtime import is_true
from rulectl.expression.template import Placed, Template, compile_template
from rulectl.expression.typed import is_marked, rule_function, typed_function

__all__ = [
    "ANY",
    "BUILTIN",
    "JMESPATH",
    "RELATIVE_ROOT",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Function",
    "Functions",
    "Kind",
    "Parameter",
    "Placed",
    "Template",
    "Time",
    "compile_expression",
    "compile_template",
    "is_marked",
    "is_true",
    "rule_function",
    "typed_function",
]
