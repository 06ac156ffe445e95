"""Whether the tests notice small faults that cosmic-ray puts into the rules of a package: see `__main__`."""
