"""What rules compile to: everything the engine needs to know, with nothing left to look up."""
