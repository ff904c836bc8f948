"""Programs as Julia source."""
