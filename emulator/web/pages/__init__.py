"""The pages, each a function from a world and a query to a view. No HTTP library here."""
