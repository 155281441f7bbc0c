"""The mirror: rows last seen. Imports the domain only (and, once it keeps rows, lmdb)."""
