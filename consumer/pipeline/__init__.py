"""Order, batching, acknowledgement: pure, no threads, no clock. Imports the domain only."""
