"""Lint the chart, render it for each example, and compare with what is committed (`make chart`).

The first line of each rendered file names the digest of what it came from, so that `make test` sees without Helm
that the chart was changed and not rendered again.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).parent
CHART = DEPLOY / "chart"
EXAMPLES = sorted((DEPLOY / "examples").glob("*.yaml"))
# A Helm that `go install` built takes itself for one of Kubernetes 1.20.
KUBERNETES = "1.34.0"


def rendered_path(example: Path) -> Path:
    """Return where the manifests of an example are committed."""
    return DEPLOY / "rendered" / example.name


def header(example: Path) -> str:
    """Return the first line of an example's rendered manifests."""
    digest = hashlib.sha256()
    for path in [*sorted(CHART.rglob("*")), example]:
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(DEPLOY)}\0{len(content)}\0".encode())
            digest.update(content)
    return f"# From deploy/chart and deploy/examples/{example.name} by `make chart WRITE=1`: {digest.hexdigest()}\n"


def render(helm: str, example: Path) -> str:
    """Lint the chart with an example's values and return its manifests.

    Raises
    ------
    subprocess.CalledProcessError
        Where Helm finds fault; it has said so on standard error.
    """
    values = ["--values", str(example), "--kube-version", KUBERNETES]
    subprocess.run([helm, "lint", "--strict", "--quiet", str(CHART), *values], check=True, stdout=sys.stderr)
    command = [helm, "template", "epo-export", str(CHART), "--namespace", "epo-export", *values]
    return header(example) + subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--helm", required=True, help="the program")
    parser.add_argument("--write", action="store_true", help="write what differs")
    arguments = parser.parse_args()
    stale = []
    for example in EXAMPLES:
        text = render(arguments.helm, example)
        path = rendered_path(example)
        if path.is_file() and path.read_text() == text:
            continue
        if arguments.write:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            sys.stdout.write(f"wrote deploy/rendered/{path.name}\n")
        else:
            stale.append(path.name)
    if stale:
        sys.stderr.write(
            f"Not as the chart renders it: {', '.join(stale)}. Run `make chart WRITE=1` and read the diff.\n"
        )
        return 1
    sys.stdout.write(f"The chart is well-formed and renders as committed, for {len(EXAMPLES)} examples.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
