"""What the engine remembers of each rule and object, and the stores that keep it."""
