"""When a command of the shell looks for garbage: it lives for a moment, and needs to its end what it has loaded."""

import gc

_NEW = 100_000
"Objects. By default each 700 new ones are looked through, and now and then all there are."


def seldom() -> None:
    """From now on; `ops log --follow` and its kind run for days, so never would be too seldom."""
    gc.freeze()
    gc.set_threshold(_NEW)
    gc.enable()
