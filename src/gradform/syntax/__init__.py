"""From typed text to a formula tree, and from the tree to a checked expression."""
