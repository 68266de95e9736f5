"""Why a rule would fire for an object, or would not: judged by the functions that the controller judges with.

The engine decides by what its records remember. Here the object as it was stands for that: it is taken for the
baseline, the values with which the rule last settled.
"""
