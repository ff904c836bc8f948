"""Programs as Python source for array libraries."""
