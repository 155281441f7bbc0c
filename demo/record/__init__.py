"""Records change events from a real Debezium; needs the stack command, see README.md in this folder."""
