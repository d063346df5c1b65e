"""The browser: a Chromium of this machine, or one that runs elsewhere."""

from __future__ import annotations

__all__ = ("open_browser",)

import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .errors import UiCheckError

if TYPE_CHECKING:
    from playwright.async_api import Browser

_STEP = "start the browser"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

# What lets a Chromium run in a container, without a display and without calling home.
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def open_browser(environ: Mapping[str, str]) -> AsyncIterator[Browser]:
    """Give a browser: that of ``EPO_UI_CHECK_BROWSER``, of ``CHROMIUM_PATH``, or the first Chromium on ``PATH``.

    ``EPO_UI_CHECK_BROWSER`` is the address of a running one's DevTools, as ``ws://host:9222/devtools/browser/…`` or
    ``http://host:9222``.

    Raises
    ------
    UiCheckError
        Playwright or a browser is missing, or it does not start or answer.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise UiCheckError(
            _STEP, "Playwright is missing. Install rsp-epo-export[ui-check] into this kernel's interpreter."
        ) from None
    remote = environ.get("EPO_UI_CHECK_BROWSER", "")
    program = "" if remote else _program(environ)
    async with async_playwright() as playwright:
        try:
            if remote:
                browser = await playwright.chromium.connect_over_cdp(remote)
            else:
                browser = await playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        except Error as error:
            what = "the browser of EPO_UI_CHECK_BROWSER does not answer" if remote else f"{program} does not start"
            # The first line alone: the others repeat the address, which may hold a password.
            why = "" if remote else f": {error.message.splitlines()[0]}"
            raise UiCheckError(_STEP, f"{what}{why}.") from None
        try:
            yield browser
        finally:
            await browser.close()


def _program(environ: Mapping[str, str]) -> str:
    if named := environ.get("CHROMIUM_PATH"):
        if os.access(named, os.X_OK):
            return named
        raise UiCheckError(_STEP, f"there is no browser at {named}, which CHROMIUM_PATH names.")
    for name in _NAMES:
        if found := shutil.which(name, path=environ.get("PATH")):
            return found
    raise UiCheckError(
        _STEP,
        "there is no browser: no Chromium is on PATH. Install one, set CHROMIUM_PATH to its program, or "
        "EPO_UI_CHECK_BROWSER to the address of one that runs elsewhere.",
    )
