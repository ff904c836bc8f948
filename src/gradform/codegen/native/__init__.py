"""Programs as C: loops over entries and calls of BLAS and LAPACK, for sizes that are known."""
