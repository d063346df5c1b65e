"""Where the token may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsp_epo_export.lab.errors import ServiceNotConfigured, ServiceUntrusted
from rsp_epo_export.lab.service_url import service_place
from rsp_epo_export.platform.discovery import Discovery

RSP = {"EXTERNAL_INSTANCE_URL": "https://data.lsst.cloud/"}


def service_origin(configured, environ):
    return service_place(configured, environ, Discovery(environ, lab_file=Path("/nowhere"))).origin


@pytest.mark.parametrize(
    ("configured", "environ", "origin"),
    [
        ("", RSP, "https://data.lsst.cloud"),
        ("https://data.lsst.cloud", RSP, "https://data.lsst.cloud"),
        ("https://DATA.lsst.cloud:443/", RSP, "https://data.lsst.cloud"),
        ("", {**RSP, "EPO_EXPORT_URL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ("http://127.0.0.1:1", {**RSP, "EPO_EXPORT_URL": "http://127.0.0.1:2"}, "http://127.0.0.1:1"),
        ("http://localhost:8080/", {}, "http://localhost:8080"),
        ("http://[::1]:8080", {}, "http://[::1]:8080"),
        ("https://127.0.0.1:8443", {}, "https://127.0.0.1:8443"),
    ],
)
def test_this_rsp_by_https_and_loopback_are_trusted(configured, environ, origin):
    assert service_origin(configured, environ) == origin


@pytest.mark.parametrize(
    "configured",
    [
        "http://data.lsst.cloud",
        "https://data.lsst.cloud:8443",
        "https://elsewhere.example",
        "https://data.lsst.cloud.elsewhere.example",
        "https://alien.nb.data.lsst.cloud",
        "https://data.lsst.cloud@elsewhere.example",
        "https://alien:secret@data.lsst.cloud",
        "https://elsewhere.example#@data.lsst.cloud",
        "https://elsewhere.example\\@data.lsst.cloud",
        "https://data.lsst.cloud/epo-export",
        "https://data.lsst.cloud\n",
        "https://",
        "data.lsst.cloud",
        "file:///etc/passwd",
        "http://127.0.0.1.elsewhere.example",
        "http://127.0.0.1:99999",
        "http://0.0.0.0:8080",
        "http://2130706433",
        "http://169.254.169.254",
    ],
)
def test_every_other_address_is_refused(configured):
    with pytest.raises(ServiceUntrusted) as raised:
        service_origin(configured, RSP)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("environ", [{}, {"EXTERNAL_INSTANCE_URL": "nonsense"}])
def test_without_an_rsp_only_loopback_is_trusted(environ):
    with pytest.raises(ServiceUntrusted):
        service_origin("https://data.lsst.cloud", environ)


def test_without_any_address_there_is_none():
    with pytest.raises(ServiceNotConfigured):
        service_origin("", {})
