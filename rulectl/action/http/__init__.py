"""HTTP for actions: the port, its pool of connections, and how answers are read."""
