"""The decisions of the controller as tables: what is known of an object, and what comes of it."""
