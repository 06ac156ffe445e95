"""The guard: one policy, and what a command line would do by it."""
