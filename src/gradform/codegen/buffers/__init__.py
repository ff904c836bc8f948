"""Programs as NumPy statements that write into buffers which nobody needs any more.

What a compiled task runs on NumPy. It does the same operations as the readable source, with
fewer arrays, fewer passes over them and less time between the calls.
"""
