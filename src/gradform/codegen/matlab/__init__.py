"""Programs as MATLAB source, which GNU Octave runs too."""
