"""Programs over arrays that are parted into chunks of rows, as source for Dask."""
