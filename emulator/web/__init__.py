"""HTTP in front of the core: reading requests, answering, faults on the wire, admin and page."""
