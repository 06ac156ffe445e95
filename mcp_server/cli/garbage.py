"""Makes garbage collection rare: a command runs for a moment and needs all that it has loaded until its end."""

import gc

_NEW = 100_000
"New objects before a collection; Python's default is 700."


def collect_rarely() -> None:
    """Collect rarely from now on. Not never: commands such as `ops log --follow` run for days."""
    gc.freeze()
    gc.set_threshold(_NEW)
    gc.enable()
