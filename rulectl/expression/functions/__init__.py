"""The functions that every rule has; `catalog.BUILTIN` is all of them."""
