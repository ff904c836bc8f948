"""Which arrays are held in memory, where they lie, and which of them share it."""
