"""The Push API: the only place that knows it, and the only importer of httpx. Imports domain."""
