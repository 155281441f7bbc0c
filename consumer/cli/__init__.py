"""The command line: one file per family of commands; what they do lives elsewhere."""
