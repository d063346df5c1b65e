"""Runs the walk, and says at which step it ended and why."""

from __future__ import annotations

__all__ = ("Report", "check_ui")

import os
from collections.abc import Mapping
from dataclasses import dataclass

from .browser import open_browser
from .errors import UiCheckError
from .gate import Gate
from .target import find_target
from .walk import STEPS, Walk


@dataclass(frozen=True, slots=True)
class Report:
    """A walk that came to its end: as whom, and by which steps."""

    user: str
    steps: tuple[str, ...]


async def check_ui(
    collection: str | None = None, *, patience: float = 60.0, environ: Mapping[str, str] | None = None
) -> Report:
    """Walk through the panel of this kernel's lab in a headless browser, as the lab's own user.

    Nothing is changed: no click submits, grants or saves, and what a page would change all the same is stopped.

    Parameters
    ----------
    collection
        A collection with cutouts that is the user's own. `None` looks at no cutouts and picks nothing.
    patience
        Seconds to wait for each thing that should appear.
    environ
        The environment, by default this process's.

    Raises
    ------
    UiCheckError
        Something is not as it should be. It names the step and the reason.
    """
    environ = os.environ if environ is None else environ
    gate = Gate(find_target(environ), patience)
    done: list[str] = []
    try:
        user = await gate.identify()
        async with open_browser(environ) as browser:
            from playwright.async_api import Error

            context = await browser.new_context(
                viewport={"width": 1280, "height": 800}, service_workers="block", locale="en-GB"
            )
            context.set_default_timeout(1000 * patience)
            await gate.guard(context)
            try:
                walk = Walk(await context.new_page(), gate.base_url, collection)
                for name, step, needs_collection in STEPS:
                    if needs_collection and collection is None:
                        continue
                    try:
                        await step(walk)
                    except (Error, AssertionError):
                        raise UiCheckError(name, await _reason(walk, gate)) from None
                    done.append(name)
            finally:
                await context.unroute_all(behavior="ignoreErrors")  # what is still on its way
                await context.close()
    finally:
        await gate.close()
    if gate.changes:
        raise UiCheckError("look and change nothing", f"the page tried {', '.join(gate.changes)}.")
    return Report(user, tuple(done))


async def _reason(walk: Walk, gate: Gate) -> str:
    said = await walk.alert()
    reasons = [
        f"{walk.awaited} did not appear or cannot be used" if walk.awaited else "there is a problem",
        *([f"the panel says “{said}”"] if said else []),
        *([f"the lab answered {', '.join(dict.fromkeys(gate.failures))}"] if gate.failures else []),
    ]
    return gate.without_token("; ".join(reasons) + ".")
