"""What the page shows beyond the plain state: reasons, ways, neighbours. Imports: the core."""
