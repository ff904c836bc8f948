"""The written form of mathematics: one tree for what is typed and what is printed."""
