"""Keyed work, each key once: deduplicating, delayed, prioritised, with back-off per key.

- A key that is added twice before it is handed out is handed out once.
- A key that is being worked on is never handed out to a second worker; added meanwhile, it is handed
  out again after `done`.
- Higher priorities go first; inside a priority the order is first in, first out. Every sixteenth
  hand-out goes to the lowest priority that waits, so that none starves.
- A delayed key becomes ready at the earliest of the times asked for, with the highest priority.
- The queue is no bigger than the number of keys: it carries no payload.

Not promised: an order between keys that become ready from delays and keys that are added.
"""

from rulectl.workqueue.backoff import Backoff
from rulectl.workqueue.queue import QueueStats, WorkQueue

__all__ = ["Backoff", "QueueStats", "WorkQueue"]
