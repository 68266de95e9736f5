"""Client-side caches: one list and watch per resource, a store, and handlers that are told what changed."""
