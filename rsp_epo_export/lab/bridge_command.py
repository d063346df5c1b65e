"""Which interpreter has the Butler, and how the bridge is started in it."""

from __future__ import annotations

__all__ = ("STACK", "bridge_command")

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from .errors import ButlerMissing

STACK = Path("/opt/lsst/software/stack/loadLSST.bash")
"""Where the RSP's image keeps the science stack's set-up script (lsst-sqre/sciplat-lab:scripts/install-dm-stack)."""

# As the `lsst` kernel is started (lsst-sqre/sciplat-lab:static/runtime/lsstlaunch.bash), with three differences: what
# the set-up prints goes to standard error, because standard output is the protocol's; Firefly and Kafka are left out,
# because nothing here uses them; and so are the PI's `.user_setups`, which may set up a Butler that does not start.
_IN_THE_STACK = """\
{
    source "$1" || exit 1
    case "${RSP_SITE_TYPE:-}" in
        telescope | staff) setup lsst_sitcom || exit 1 ;;
        *) setup lsst_distrib || exit 1 ;;
    esac
} 1>&2
shift
exec python3 "$@"
"""


def bridge_command(
    configured: Sequence[str],
    repository: str | None,
    *,
    stack: Path = STACK,
) -> list[str]:
    """Give the command that starts a bridge.

    Parameters
    ----------
    configured
        The command of a Python interpreter that has the Butler, from the traitlet ``butler_command``. Where it is
        empty, this interpreter is taken if it has the Butler, else the one of the stack.
    repository
        The URI of the repository that the bridge opens, if any.
    stack
        The stack's set-up script.

    Raises
    ------
    ButlerMissing
        There is none of the three.
    """
    # -P: the lab's working directory is full of other people's notebooks, and must not be imported from.
    module = ["-P", "-m", "rsp_epo_export.bridge", *(["--may-remove", repository] if repository is not None else [])]
    if configured:
        return [*configured, *module]
    if _has_butler():
        return [sys.executable, *module]
    if stack.is_file():
        return ["/bin/bash", "-c", _IN_THE_STACK, "rsp-epo-export-bridge", str(stack), *module]
    raise ButlerMissing(
        "The lab found no Python with the Butler: its own has none, and there is no science stack at "
        f"{stack}. Set c.EpoExportExtension.butler_command in jupyter_server_config.py to the Python that has "
        'lsst.daf.butler and rsp_epo_export, such as ["/path/to/python"], and restart the lab.'
    )


def _has_butler() -> bool:
    try:
        return find_spec("lsst.daf.butler") is not None
    except ModuleNotFoundError:
        return False
