"""Expressions as Python functions: the syntax tree is written out as straight-line code with inlined loops.

No text of a user ever becomes code: keys and literals enter through ``repr`` or as bound constants, and
all names are generated. The generated module sees only what `emitter.compile_node` binds in it.
"""
