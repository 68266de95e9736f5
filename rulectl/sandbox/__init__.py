"""The embedded API server: Kubernetes' API in memory, for tests and dry runs."""
