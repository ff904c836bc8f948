"""A page with what it says in the console and whom it asks, and what tests do on it."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, expect

__all__ = ["Watched"]


class Watched:
    """The page of a visitor."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", self._failed)
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # Where tests share a machine the server may be busy; the page asks again when it is.
        if message.type in ("error", "warning") and "status of 503" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}/" != self.address:
            self.strangers.append(request.url)

    # ------------------------------------------------------------ going somewhere

    def opens(self, formula: str | None = None, **fields: str | list[str]) -> None:
        """Visit the page, with a formula and other fields in the link."""
        link = "" if formula is None else "#" + urlencode({"v": "1", "f": formula, **fields}, True)
        # The same address with another fragment is no new visit.
        self.page.goto("about:blank")
        self.page.goto(self.address + link)

    def shows(self, latex: str) -> None:
        """Wait until the formula of the answer is this."""
        expect(self.formula).to_have_text(latex)

    def types(self, text: str) -> None:
        """Put a formula in the place of the one before, key by key."""
        self.editor.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pane(self, name: str) -> Locator:
        """Go to a pane by its name; its panel."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        return self.page.get_by_role("tabpanel")

    def copied(self) -> str:
        """What is in the clipboard."""
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def call(self, module: str, expression: str, *values: Any) -> Any:
        """The value of an expression in the exports ``m`` of a module of the page."""
        script = f"async (v) => {{ const m = await import('{module}'); return {expression}; }}"
        return self.page.evaluate(script, list(values))

    # ------------------------------------------------------------ places

    @property
    def editor(self) -> Locator:
        return self.page.get_by_role("textbox", name="Formula")

    @property
    def formula(self) -> Locator:
        """The LaTeX of the answer, which KaTeX keeps beside what it sets."""
        return self.page.locator(".hero-formula annotation")

    @property
    def problem(self) -> Locator:
        return self.page.locator("#problem")

    @property
    def underlined(self) -> Locator:
        return self.page.locator(".editor-paint .wrong")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toast")

    @property
    def fragment(self) -> str:
        return cast(str, self.page.evaluate("location.hash"))
