"""What the documentation site is made of beside its pages; ``site`` tells Sphinx of it."""
