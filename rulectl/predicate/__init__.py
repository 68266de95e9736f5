"""Judging an object: which watched values it has, which of them changed, whether the terms hold."""
