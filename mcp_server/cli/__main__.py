"""Entry point of `bin/ops`. Without garbage collection while modules load, a command is a fifth faster."""

import gc
import sys

gc.disable()

if __name__ == "__main__":
    if sys.argv[1:] == ["--version"]:  # the grammar takes longer to load than the answer
        from mcp_server import __version__

        print(f"ops {__version__}")
        sys.exit(0)

    from mcp_server.kernel.lazy_module import load_when_used

    for name in ("inspect", "tokenize", "ipaddress", "bz2", "lzma"):  # what others import and rarely use
        load_when_used(name)

    from mcp_server.cli.garbage import collect_rarely
    from mcp_server.cli.main import main

    collect_rarely()
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        gc.freeze()  # Python's end would look at every object once more
