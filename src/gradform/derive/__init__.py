"""The one pipeline: parse, differentiate, simplify, write, check, answer."""
