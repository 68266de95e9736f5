"""rulectl: YAML rules in, a Kubernetes controller out."""

__version__ = "0.1.0"
