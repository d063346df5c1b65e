"""The notebook helper: from a Butler collection to a public Zooniverse manifest, from a kernel of the stack.

Importing it imports neither the Butler nor httpx; each comes with its first use.
"""

from __future__ import annotations

__all__ = (
    "AnswerError",
    "ButlerError",
    "ConfigurationError",
    "EpoExport",
    "EpoExportError",
    "Export",
    "ExportStoppedError",
    "RateLimitedError",
    "RequestError",
    "ServiceRefusalError",
    "ServiceUnreachableError",
    "TokenError",
    "WaitTimeoutError",
)

from .epo_export import EpoExport
from .errors import (
    AnswerError,
    ButlerError,
    ConfigurationError,
    EpoExportError,
    ExportStoppedError,
    RateLimitedError,
    RequestError,
    ServiceRefusalError,
    ServiceUnreachableError,
    TokenError,
    WaitTimeoutError,
)
from .export import Export
