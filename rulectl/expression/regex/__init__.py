"""Regular expressions in time linear in the text, as RE2 and Go have them.

Python's ``re`` backtracks: a text that somebody else writes (an annotation) could keep a rule busy for
hours. Here ``re``'s parser reads the pattern and a Pike machine runs it; what such a machine cannot do
(look-around, back-references) is refused.
"""
