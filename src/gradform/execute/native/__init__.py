"""The machine underneath native programs: compiler, disk cache, BLAS, calls from Python."""
