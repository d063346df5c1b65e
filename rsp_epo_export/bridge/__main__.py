"""Start the Butler bridge."""

from __future__ import annotations

import sys

from .protocol import Channel


def main() -> int:
    """Answer requests until standard input closes; give the process's exit status."""
    # First of all, since the stack prints to descriptor 1 and what it starts inherits both.
    channel = Channel.take_over()
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        print("usage: python -m rsp_epo_export.bridge [REPOSITORY]\n\nThe protocol is docs/bridge.md.", file=sys.stderr)
        return 2
    from .server import serve

    return serve(channel, sys.argv[1] if len(sys.argv) == 2 else None)


if __name__ == "__main__":
    sys.exit(main())
