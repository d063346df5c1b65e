"""A stand-in for the Butler bridge: it speaks the protocol of `docs/bridge.md` until it misbehaves.

The real bridge cannot be made to do these things. How it misbehaves is its repository's URI, `stand-in:HOW`; without a
repository it lists all of them. Its own death is noted in the file that STAND_IN_LOG names.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

BEHAVIOURS = (
    "wrong-protocol",
    "no-butler",
    "closed-repository",
    "dies-at-start",
    "silent-at-start",
    "noisy-at-start",
    "dies",
    "dies-once",
    "not-json",
    "not-an-object",
    "wrong-id",
    "long-line",
    "large-payload",
    "odd-payload",
    "wrong-shape",
    "silent",
    "deaf",
    "own-error",
    "slow",
    "well",
)
START = {
    "wrong-protocol": {"ready": {"protocol": 2, "repository": None, "butler_version": "0"}},
    "no-butler": {"fatal": {"type": "no_butler", "msg": "There is no Butler."}},
    "closed-repository": {"fatal": {"type": "repository_unavailable", "msg": "The repository is closed on Mondays."}},
}


def note(line: str) -> None:
    with Path(os.environ["STAND_IN_LOG"]).open("a") as log:
        log.write(line + "\n")


def say(message: object, payload: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n" + payload)
    sys.stdout.buffer.flush()


def answer(how: str, request: dict) -> None:
    match how:
        case "index":
            repositories = [{"label": name, "uri": f"stand-in:{name}"} for name in BEHAVIOURS]
            say({"id": request["id"], "result": {"repositories": repositories}})
        case "dies" | "dies-once":
            if how == "dies" or Path(os.environ["STAND_IN_LOG"]).read_text().count("start dies-once") == 1:
                os.kill(os.getpid(), signal.SIGKILL)
            well(request)
        case "not-json":
            say_raw(b"Traceback (most recent call last):\n")
        case "not-an-object":
            say([1, 2, 3])
        case "wrong-id":
            say({"id": request["id"] + 1000, "result": {}})
        case "long-line":
            say({"id": request["id"], "result": {"datasets": [], "next": "x" * 2 * 1024 * 1024}})
        case "large-payload":
            say({"id": request["id"], "result": {"media_type": "image/png"}, "bytes": request["params"]["limit"] + 1})
        case "odd-payload":
            say({"id": request["id"], "result": {"media_type": "image/png"}, "bytes": "many"})
        case "wrong-shape":
            say({"id": request["id"], "result": {"datasets": "none", "next": 7}})
        case "silent":
            pass
        case "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(3600)
        case "own-error":
            say({"id": request["id"], "error": {"type": request["params"]["run"], "msg": "So it is."}})
        case "slow":
            note("asked")
        case _:
            well(request)


def well(request: dict) -> None:
    say({"id": request["id"], "result": {"datasets": [], "next": None}})


def say_raw(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def main() -> None:
    how = sys.argv[-1].removeprefix("stand-in:") if sys.argv[-1].startswith("stand-in:") else "index"
    note(f"start {how}")
    match how:
        case "dies-at-start":
            sys.exit(3)
        case "silent-at-start":
            time.sleep(3600)
        case "noisy-at-start":
            say_raw(b"Setting up the stack...\n")
    say(START.get(how, {"ready": {"protocol": 1, "repository": None, "butler_version": "0"}}))
    if "fatal" in START.get(how, {}):
        sys.exit(1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "cancel" in request:
            note(f"cancel {request['cancel']}")
            if how == "slow":
                say({"id": request["cancel"], "error": {"type": "cancelled", "msg": "It was given up."}})
        else:
            answer(how, request)
    note(f"end {how}")


if __name__ == "__main__":
    main()
