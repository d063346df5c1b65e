"""Start the Butler bridge."""

from __future__ import annotations

import sys

from .protocol import Channel

_MAY_REMOVE = "--may-remove"


def main() -> int:
    """Answer requests until standard input closes; give the process's exit status."""
    # First of all, since the stack prints to descriptor 1 and what it starts inherits both.
    channel = Channel.take_over()
    given = sys.argv[1:]
    may_remove = given[:1] == [_MAY_REMOVE]
    repositories = given[1:] if may_remove else given
    if len(repositories) > 1 or repositories in (["-h"], ["--help"]):
        print(
            f"usage: python -m rsp_epo_export.bridge [{_MAY_REMOVE}] [REPOSITORY]\n\nThe protocol is docs/bridge.md.",
            file=sys.stderr,
        )
        return 2
    from .server import serve

    return serve(channel, repositories[0] if repositories else None, may_remove=may_remove)


if __name__ == "__main__":
    sys.exit(main())
