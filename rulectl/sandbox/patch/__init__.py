"""Patches as pure functions: merge, JSON, strategic merge, server-side apply, field ownership."""

from rulectl.sandbox.patch.apply import apply
from rulectl.sandbox.patch.fault import Cause, PatchError
from rulectl.sandbox.patch.jsonpatch import json_patch
from rulectl.sandbox.patch.managed import track_update
from rulectl.sandbox.patch.merge import merge_patch
from rulectl.sandbox.patch.strategic import strategic_merge

__all__ = ["Cause", "PatchError", "apply", "json_patch", "merge_patch", "strategic_merge", "track_update"]
