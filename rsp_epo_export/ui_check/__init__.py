"""Whether the panel of this lab still is what people and programs take it for: a walk through it in a real browser.

For a kernel of that lab, as `notebooks/ui_check.ipynb` uses it; `docs/manual/ui-check.md` is for operators. Importing
it needs neither Playwright nor a browser.
"""

from __future__ import annotations

__all__ = ("Report", "UiCheckError", "check_ui")

from .check import Report, check_ui
from .errors import UiCheckError
