"""Official clients of the Push API, unmodified, against the emulator."""
