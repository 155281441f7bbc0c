"""The emulator's page in a real browser: keyboard, colours, accessibility, size."""
