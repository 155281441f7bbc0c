"""Records change events from a real Debezium by the stack command; see README.md here."""
