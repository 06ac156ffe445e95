"""Pure values and rules. Nothing here reads a file, starts a process or looks at the clock."""
