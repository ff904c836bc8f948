"""Answers for a notebook: formulas as MathML, facts and folded parts as one block of HTML."""
