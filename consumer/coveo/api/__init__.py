"""Coveo's endpoints, one method each, no policy: a file for each part of its interface."""
