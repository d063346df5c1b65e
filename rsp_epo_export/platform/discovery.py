"""What the platform says is where: the lab's discovery file, else Repertoire. `docs/discovery.md` has the order."""

from __future__ import annotations

__all__ = ("LAB_FILE", "Discovery", "Found", "Problem", "ProblemType", "Source")

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from .discovery_document import DiscoveryDocument, MalformedDocumentError, parse_document
from .repertoire import LARGEST_DOCUMENT, RepertoireError, fetch_document
from .service_origin import UntrustedOriginError, trusted_base

LAB_FILE = Path("/etc/nublado/discovery/v1.json")
"""Where Nublado's controller puts the lab's discovery file (lsst-sqre/lsst-rsp: src/lsst/rsp/_services.py)."""

Source: TypeAlias = Literal["setting", "environment", "discovery_file", "repertoire", "instance", "repository_index"]
"""Who said where something is: an explicit setting, a variable of our own, the lab's discovery file, Repertoire,
``EXTERNAL_INSTANCE_URL``, or the repository index."""

ProblemType: TypeAlias = Literal[
    "discovery_malformed", "discovery_untrusted", "repertoire_unreachable", "repository_index_unreadable"
]

# As rubin.repertoire keeps an answer. A failure is kept for less: it costs whoever asks some seconds.
_ANSWER_STANDS = 300.0
_FAILURE_STANDS = 30.0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something that was to be looked at was passed over: a code for programs, a sentence for a person."""

    type: ProblemType
    msg: str


@dataclass(frozen=True, slots=True)
class Found:
    """What discovery says, who said it (`None`: nobody), and what was passed over before."""

    source: Literal["discovery_file", "repertoire"] | None
    document: DiscoveryDocument
    problems: tuple[Problem, ...] = ()


class Discovery:
    """Reads what the platform says. One for each process: it keeps Repertoire's answer for five minutes.

    Parameters
    ----------
    environ
        The environment, read at each call.
    lab_file
        The lab's discovery file.
    fetch
        Gives the document at a base URL of Repertoire, or raises `RepertoireError`.
    now
        A clock, in seconds.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        lab_file: Path = LAB_FILE,
        fetch: Callable[[str], bytes] = fetch_document,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environ = environ
        self._lab_file = lab_file
        self._fetch = fetch
        self._now = now
        self._lock = threading.Lock()  # so that two who ask at once make one request
        self._repertoire = _Kept("", float("-inf"), None, ())

    def read(self) -> Found:
        """Give what the platform says: the first discovery file that can be read, else Repertoire's answer.

        Never raises: what is not there, malformed or unreachable is passed over, the last two with a `Problem`.
        """
        problems: list[Problem] = []
        for path in self._files():
            try:
                if (content := _content(path)) is not None:
                    return Found("discovery_file", parse_document(content), tuple(problems))
            except MalformedDocumentError as error:
                problems.append(
                    Problem(
                        "discovery_malformed",
                        f"The lab's discovery file {path} was passed over, since {error}. The RSP writes it: stop the "
                        "lab and start it again, and if it stays so, tell the RSP's support.",
                    )
                )
        kept = self._ask_repertoire()
        problems += kept.problems
        if kept.document is None:
            return Found(None, DiscoveryDocument(), tuple(problems))
        return Found("repertoire", kept.document, tuple(problems))

    def _files(self) -> list[Path]:
        mounts = self._environ.get("NUBLADO_RUNTIME_MOUNTS_DIR")
        return [self._lab_file, *([Path(mounts) / "discovery" / "v1.json"] if mounts else [])]

    def _ask_repertoire(self) -> _Kept:
        named = self._environ.get("REPERTOIRE_BASE_URL", "")
        with self._lock:
            if self._repertoire.base != named or self._now() >= self._repertoire.until:
                self._repertoire = self._fresh(named)
            return self._repertoire

    def _fresh(self, named: str) -> _Kept:
        if not named:
            return _Kept(named, float("inf"), None, ())
        try:
            document = parse_document(self._fetch(trusted_base(named, self._environ)))
        except UntrustedOriginError:
            problem = Problem(
                "discovery_untrusted",
                "REPERTOIRE_BASE_URL is not https on this RSP's own host (EXTERNAL_INSTANCE_URL), so Repertoire was "
                "not asked. Correct it, or set EPO_EXPORT_URL.",
            )
        except MalformedDocumentError as error:
            problem = Problem(
                "discovery_malformed", f"Repertoire's answer was passed over, since {error}. Tell the RSP's support."
            )
        except RepertoireError as error:
            problem = Problem(
                "repertoire_unreachable",
                f"Repertoire, which knows what is where on the RSP, was passed over, since {error}. It will be asked "
                "again in half a minute.",
            )
        else:
            return _Kept(named, self._now() + _ANSWER_STANDS, document, ())
        # What it said before is a better guess than nothing.
        before = self._repertoire.document if self._repertoire.base == named else None
        return _Kept(named, self._now() + _FAILURE_STANDS, before, (problem,))


@dataclass(frozen=True, slots=True)
class _Kept:
    base: str
    until: float
    document: DiscoveryDocument | None
    problems: tuple[Problem, ...]


def _content(path: Path) -> bytes | None:
    """Give a file's bytes, or `None` where there is no such file."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            content = file.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise MalformedDocumentError(f"it cannot be read ({error.strerror or error})") from None
    if len(content) > LARGEST_DOCUMENT:
        raise MalformedDocumentError("it is too large")
    return content
