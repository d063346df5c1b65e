"""What the platform's service discovery says, as far as it concerns us.

The format is Repertoire's (lsst-sqre/repertoire: ``Discovery`` in client/src/rubin/repertoire/_models.py), of which the
lab's file is a subset (docs/user-guide/nublado.rst there): ``datasets`` with the ``butler_config`` of each that has a
Butler server, and ``services`` with ``internal`` and ``ui``. What we do not know in it is left alone, as they ask.
"""

from __future__ import annotations

__all__ = ("SERVICE_NAME", "DiscoveryDocument", "MalformedDocumentError", "parse_document")

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

SERVICE_NAME = "epo-export"
"""What discovery calls the export service: the name of its Phalanx application."""


class MalformedDocumentError(ValueError):
    """What was read is no discovery document. The message is the end of a sentence: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class DiscoveryDocument:
    """What a discovery document says.

    Parameters
    ----------
    service
        The base URL of the export service; `None` where it names none.
    repositories
        Label to the URL of the Butler configuration, of the datasets that a Butler server serves. Neither this nor the
        service's address is trusted yet.
    """

    service: str | None = None
    repositories: Mapping[str, str] = field(default_factory=dict)


def parse_document(content: bytes) -> DiscoveryDocument:
    """Read a discovery document.

    Raises
    ------
    MalformedDocumentError
        It is no JSON, or what we need of it has another shape.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise MalformedDocumentError("it is no JSON") from None
    if not isinstance(document, dict):
        raise MalformedDocumentError("it is no JSON object")
    datasets = _object(document, "datasets", "datasets")
    services = _object(document, "services", "services")
    return DiscoveryDocument(
        service=_service(services, "internal") or _service(services, "ui"),
        repositories={
            label: config
            for label in datasets
            if (config := _text(_object(datasets, label, "datasets"), "butler_config")) is not None
        },
    )


def _service(services: Mapping[str, object], kind: str) -> str | None:
    named = _object(services, kind, f"services.{kind}")
    return _text(_object(named, SERVICE_NAME, f"services.{kind}.{SERVICE_NAME}"), "url")


def _object(parent: Mapping[str, object], key: str, where: str) -> Mapping[str, object]:
    match parent.get(key):
        case None:
            return {}
        case dict() as found:
            return found
        case _:
            raise MalformedDocumentError(f"its {where} is not of the form that Repertoire gives")


def _text(parent: Mapping[str, object], key: str) -> str | None:
    match parent.get(key):
        case None:
            return None
        case str() as found:
            return found
        case _:
            raise MalformedDocumentError(f"its {key} is no text")
