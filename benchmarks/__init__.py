"""What the program costs, measured."""
