"""The real loop of two members under one seed: virtual clock, fake log, fake Push API, faults."""
