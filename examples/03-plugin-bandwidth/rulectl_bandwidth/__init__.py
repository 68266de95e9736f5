"""Limits the bandwidth of network interfaces: the action `bandwidth` and the function `bits()`."""
