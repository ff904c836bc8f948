"""The statements in C that compute arrays: loops, calls of BLAS and LAPACK, text."""
