"""Records the cases of this suite from a real stack: scenarios in, captures out."""
