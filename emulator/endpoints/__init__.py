"""What each endpoint checks and answers at once: one module for each part of the service."""
