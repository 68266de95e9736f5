"""For tests of rules, plugins and of rulectl itself: a cluster in memory, time that is told to pass."""
