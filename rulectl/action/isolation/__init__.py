"""Plugins in processes of their own: what ends them, or has to, ends nothing else.

A process takes one call at a time and is kept for the next one. It has no connection of its own to the API
server and no secrets: it asks this side for every read, write, request and secret over its pipes, so that what
holds for other plugins (egress rules, masking, what a rule wrote itself) holds for these too. `wire` has the
messages, `pool` and `process` this side, `child` and `remote` the other.
"""
