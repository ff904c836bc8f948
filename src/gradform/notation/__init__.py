"""Writing a formula tree for people: the input language, Unicode, LaTeX."""
