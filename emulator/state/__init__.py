"""The whole state as JSON Lines: written, and read again."""
