"""Bytes → events. Imports the domain and fastavro."""
