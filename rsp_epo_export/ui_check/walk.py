"""What is looked at, in order, by roles and labels as a person finds them, and by the menu's command."""

from __future__ import annotations

__all__ = ("STEPS", "Walk")

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_Role = Literal[
    "alert", "button", "combobox", "dialog", "grid", "gridcell", "heading", "list", "menuitem", "region", "search",
    "searchbox", "tab", "tabpanel", "textbox", "tree", "treeitem",
]  # fmt: skip


class Walk:
    """A page of JupyterLab, and what is waited for on it."""

    def __init__(self, page: Page, lab: str, collection: str | None) -> None:
        self.page = page
        self.lab = lab
        self.collection = collection or ""
        self.awaited = ""
        """What the walk waits for now, in words, for the message when it does not come."""

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("region", name="Export to Zooniverse", exact=True)

    async def see(self, role: _Role, name: str | re.Pattern[str], within: Locator | Page | None = None) -> Locator:
        """Wait until this can be seen."""
        words = name.pattern if isinstance(name, re.Pattern) else name
        self.awaited = f"the {role} “{words}”"
        exact = isinstance(name, str)
        found = (self.panel if within is None else within).get_by_role(role, name=name, exact=exact).first
        await found.wait_for()
        return found

    async def click(self, role: _Role, name: str | re.Pattern[str], within: Locator | Page | None = None) -> Locator:
        found = await self.see(role, name, within)
        await found.click()
        return found

    async def hear_no_complaint(self) -> None:
        """Fail where the panel tells of a problem."""
        self.awaited = ""
        if await self.alert():
            raise AssertionError

    async def alert(self) -> str:
        """Give what the panel complains of; empty where it doesn't."""
        # Those of the panel and the previews: JupyterLab's own toasts are alerts too.
        alerts = self.panel.or_(self.page.get_by_role("main")).get_by_role("alert")
        texts = await alerts.all_inner_texts() if not self.page.is_closed() else []
        return " ".join(" ".join(texts).split())[:400]


async def _open_lab(walk: Walk) -> None:
    walk.awaited = "JupyterLab"
    await walk.page.goto(f"{walk.lab}/lab/workspaces/epo-ui-check?reset")
    await walk.page.locator("#jupyterlab-splash").wait_for(state="detached")
    await walk.see("tab", "Launcher", walk.page.get_by_role("main"))


async def _open_panel(walk: Walk) -> None:
    await walk.click("tab", re.compile("Export to Zooniverse through EPO"), walk.page)
    await walk.see("heading", "Export to Zooniverse")
    for tab in ("Collections", "Submit", "Exports"):
        await walk.see("tab", re.compile(f"^{tab}"))
    await walk.see("button", "Refresh")
    await walk.hear_no_complaint()


async def _run_commands(walk: Walk) -> None:
    """Use the ways that lead to the panel by its command, whose id the settings' schema names for the menu."""
    await walk.click("tab", re.compile("Export to Zooniverse through EPO"), walk.page)
    walk.awaited = "the panel's closing"
    await walk.panel.wait_for(state="hidden")
    await walk.click("menuitem", "View", walk.page)
    await walk.click("menuitem", re.compile("^Export to Zooniverse"), walk.page)
    walk.awaited = "the effect of the command “rsp-epo-export:open”"
    await walk.panel.wait_for()
    await walk.click("tab", re.compile("^Collections"))


async def _see_repositories(walk: Walk) -> None:
    tree = await walk.see("tree", "Repositories and collections")
    await walk.see("treeitem", re.compile("^Repository "), tree)


async def _find_collection(walk: Walk) -> None:
    await (await walk.see("searchbox", "Search collections")).fill(walk.collection)
    await walk.see("treeitem", _row_of(walk.collection))


async def _preview(walk: Walk) -> None:
    await walk.click("button", f"Preview {walk.collection}")
    area = await walk.see("tabpanel", walk.collection.rpartition("/")[2], walk.page)
    grid = await walk.see("grid", "Cutouts", area)
    walk.awaited = "the picture of a cutout"
    picture = grid.get_by_role("gridcell").first.locator("img")
    await picture.wait_for()
    await walk.page.wait_for_function("picture => picture.naturalWidth > 0", arg=await picture.element_handle())
    await picture.click()
    large = await walk.see("dialog", re.compile("^Cutout 1$"), area)
    await walk.click("button", "Back to all", large)


async def _see_form(walk: Walk) -> None:
    row = await walk.click("treeitem", _row_of(walk.collection))
    walk.awaited = "the pick of the collection"
    await walk.panel.get_by_role("treeitem", checked=True).first.wait_for()
    walk.awaited = "the grant of the collection"
    granted = walk.panel.get_by_text(re.compile("^EPO may read .* until "))
    await walk.panel.get_by_role("button", name="Grant read access", exact=True).or_(granted).first.wait_for()
    await walk.click("button", "Continue to Submit")
    await walk.see("textbox", "Subject set")
    await walk.see("combobox", "Dataset type")
    await walk.see("textbox", "Public metadata columns")
    walk.awaited = "the field for the project"
    project = walk.panel.get_by_role("combobox", name="Project", exact=True)
    await project.or_(walk.panel.get_by_role("textbox", name="Name of the new project")).first.wait_for()
    await walk.see("button", re.compile("^Submit"))
    await walk.click("tab", re.compile("^Collections"))
    await row.click()


async def _see_exports(walk: Walk) -> None:
    await walk.click("tab", re.compile("^Exports"))
    walk.awaited = "the list of exports, or that there are none"
    exports = walk.panel.get_by_role("list", name="Exports", exact=True)
    await exports.or_(walk.panel.get_by_text("No exports yet.")).first.wait_for()
    await walk.hear_no_complaint()


def _row_of(collection: str) -> re.Pattern[str]:
    # In the browser's kind of regular expression a hyphen must not be escaped, and a slash must.
    return re.compile("^" + re.escape(collection).replace("\\-", "-").replace("/", r"\/") + ",")


STEPS: tuple[tuple[str, Callable[[Walk], Awaitable[None]], bool], ...] = (
    ("open JupyterLab", _open_lab, False),
    ("open the panel", _open_panel, False),
    ("open the panel by its command in the View menu", _run_commands, False),
    ("see the repositories", _see_repositories, False),
    ("find the collection", _find_collection, True),
    ("preview the cutouts", _preview, True),
    ("see the form of a submission", _see_form, True),
    ("see the exports", _see_exports, False),
)
"""Each step: its name, what it does, and whether it needs a collection with cutouts."""
