"""Rule files: from YAML and JSON text, every value with its place, to rules that are still text inside."""
