"""What `coveo-cdc doctor` finds: answers of Coveo in, findings out. Asks nobody itself."""
