"""The expression language of rules: JMESPath, compiled to Python, with functions for Kubernetes objects.

::

    text --lexer, parser--> syntax tree --check--> faults, or
                                        --reads--> which fields it depends on
                                        --codegen--> a Python function of the roots and the time

`compile_expression` and `compile_template` are the way in; `BUILTIN` is the set of functions, which
`Functions.with_function` extends.
"""

from __future__ import annotations

from rulectl.expression.error import EvaluationError, ExpressionError
from rulectl.expression.expression import Expression, compile_expression
from rulectl.expression.function import Function, Functions, Parameter, Time
from rulectl.expression.functions.catalog import BUILTIN, JMESPATH
from rulectl.expression.kind import ANY, Kind
from rulectl.expression.reads import RELATIVE_ROOT
from rulectl.expression.template import Placed, Template, compile_template

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
]
