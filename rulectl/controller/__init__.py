"""From a change in a cache to actions: handlers, queues, workers, and the decisions they carry out."""
