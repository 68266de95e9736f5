"""Types of expressions, from the schemas of the kinds that they read.

::

    a kind's schema --declared--> types of its fields --scope--> types of roots
    expression      --walk-----> the type of every part, and what cannot be meant

A type is a set of values that is never too small: what is told to be always so is always so.
"""

from __future__ import annotations

from rulectl.check.types.problems import type_problems
from rulectl.check.types.scope import Schemas
from rulectl.check.types.unchecked import unchecked

__all__ = ["Schemas", "type_problems", "unchecked"]
