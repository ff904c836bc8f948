"""The expression: an interned, labelled tensor IR."""
