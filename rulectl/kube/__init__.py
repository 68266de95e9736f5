"""Talking to an API server: transports, the client over them, discovery, watch frames."""
