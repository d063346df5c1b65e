"""Where the export service and the Butler repositories are. The one order, for lab and helper: `docs/discovery.md`."""

from __future__ import annotations

__all__ = (
    "Repositories",
    "RepositoryPlace",
    "ServiceNotNamedError",
    "ServicePlace",
    "UntrustedServiceError",
    "find_repositories",
    "find_service",
)

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .discovery import Discovery, Found, Problem, Source
from .discovery_document import SERVICE_NAME
from .service_origin import Distrust, UntrustedOriginError, trusted_base, trusted_origin

_OUR_PATHS = ("", f"/{SERVICE_NAME}", f"/{SERVICE_NAME}/v1")


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """The export service's origin, to which the PI's token may go, and who named it."""

    origin: str
    source: Source


class ServiceNotNamedError(LookupError):
    """Nobody says where the export service is. `problems` are what was passed over."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("not named")
        self.problems = problems


class UntrustedServiceError(ValueError):
    """Who was asked first names an address that the PI's token may not go to. Nobody else is asked then.

    Parameters
    ----------
    why, origin
        As in `UntrustedOriginError`.
    source
        Who named it.
    """

    def __init__(self, why: Distrust, origin: str | None, source: Source) -> None:
        super().__init__(why)
        self.why = why
        self.origin = origin
        self.source = source


def find_service(setting: str, environ: Mapping[str, str], discovery: Discovery) -> ServicePlace:
    """Find the export service: the setting, ``EPO_EXPORT_URL``, discovery, ``EXTERNAL_INSTANCE_URL``; the first counts.

    May take some seconds, where Repertoire must be asked.

    Parameters
    ----------
    setting
        What somebody configured; empty where nobody did.
    environ
        The environment.
    discovery
        What the platform says.

    Raises
    ------
    ServiceNotNamedError
        None of them names it.
    UntrustedServiceError
        The first that names it names another host than this RSP's own by https, or loopback.
    """
    if setting:
        return _place(setting, "setting", environ)
    if address := environ.get("EPO_EXPORT_URL", ""):
        return _place(address, "environment", environ)
    found = discovery.read()
    if found.source is not None and found.document.service is not None:
        return _discovered(found.document.service, found.source, environ)
    if address := environ.get("EXTERNAL_INSTANCE_URL", ""):
        return _place(address, "instance", environ)
    raise ServiceNotNamedError(found.problems)


def _place(address: str, source: Source, environ: Mapping[str, str]) -> ServicePlace:
    try:
        return ServicePlace(trusted_origin(address, environ), source)
    except UntrustedOriginError as error:
        raise UntrustedServiceError(error.why, error.origin, source) from None


def _discovered(url: str, source: Source, environ: Mapping[str, str]) -> ServicePlace:
    """Discovery gives a base URL, and the contract the paths below an origin: they must be the same."""
    try:
        base = trusted_base(url, environ)
    except UntrustedOriginError as error:
        raise UntrustedServiceError(error.why, error.origin, source) from None
    for path in _OUR_PATHS:
        if base.endswith(path) and "/" not in base.removesuffix(path).partition("://")[2]:
            return ServicePlace(base.removesuffix(path), source)
    raise UntrustedServiceError("not_an_origin", None, source)


@dataclass(frozen=True, slots=True)
class RepositoryPlace:
    """A Butler repository: what it is called, where it is, and who said so."""

    label: str
    uri: str
    source: Source

    @property
    def read_only(self) -> bool:
        """Whether it is known to be served by a Butler server, which takes nothing. Of others nobody has said."""
        return self.source in ("discovery_file", "repertoire")


@dataclass(frozen=True, slots=True)
class Repositories:
    """The repositories by label, and what was passed over."""

    places: Mapping[str, RepositoryPlace]
    problems: tuple[Problem, ...]


def find_repositories(
    setting: Mapping[str, str],
    environ: Mapping[str, str],
    discovery: Discovery,
    index: Mapping[str, str],
) -> Repositories:
    """Find all Butler repositories: of the setting, ``EPO_EXPORT_REPOSITORIES``, discovery, and the repository index.

    Where several name the same label, the first counts. May take some seconds, where Repertoire must be asked.

    Parameters
    ----------
    setting
        What somebody configured: label to path or URI.
    environ
        The environment.
    discovery
        What the platform says.
    index
        What ``DAF_BUTLER_REPOSITORY_INDEX`` or ``DAF_BUTLER_REPOSITORIES`` says, for whoever can read it: that takes
        the Butler.
    """
    found = discovery.read()
    problems = list(found.problems)
    named = [RepositoryPlace(label, uri, "setting") for label, uri in setting.items()]
    named += _of_the_environment(environ, problems)
    named += _served(found, environ, problems)
    named += [RepositoryPlace(label, uri, "repository_index") for label, uri in index.items()]
    places: dict[str, RepositoryPlace] = {}
    for place in named:
        places.setdefault(place.label, place)
    return Repositories({label: places[label] for label in sorted(places)}, tuple(problems))


def _of_the_environment(environ: Mapping[str, str], problems: list[Problem]) -> Iterator[RepositoryPlace]:
    if not (text := environ.get("EPO_EXPORT_REPOSITORIES", "")):
        return
    try:
        named = json.loads(text)
    except (ValueError, RecursionError):
        named = None
    if not isinstance(named, dict) or not all(isinstance(uri, str) for uri in named.values()):
        problems.append(
            Problem(
                "discovery_malformed",
                "EPO_EXPORT_REPOSITORIES was passed over: it is no JSON object of labels and URIs. Correct it.",
            )
        )
        return
    for label, uri in named.items():
        yield RepositoryPlace(label, uri, "environment")


def _served(found: Found, environ: Mapping[str, str], problems: list[Problem]) -> Iterator[RepositoryPlace]:
    """Only those of this RSP: the Butler sends the PI's token to the server that the configuration lies on."""
    for label, uri in found.document.repositories.items():
        try:
            trusted_base(uri, environ)
        except UntrustedOriginError:
            problems.append(
                Problem(
                    "discovery_untrusted",
                    f"The Butler repository {label!r}, which the RSP's discovery names, is not on this RSP's own host "
                    "by https, so it is not listed, and nothing was sent there. Tell the RSP's support.",
                )
            )
            continue
        assert found.source is not None  # who names repositories has said something
        yield RepositoryPlace(label, uri, found.source)
