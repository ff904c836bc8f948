"""How soon the page is seen: first paint and first answer in Chromium, of fresh visits.

    python -m benchmarks.web_paint http://127.0.0.1:8000/

needs a running ``gradform serve`` and prints milliseconds since the start of the navigation.
"""

from __future__ import annotations

import statistics
import sys

from playwright.sync_api import Browser, sync_playwright

VISITS = 10
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
ANSWERED = """new Promise((resolve) => {
  const look = () => document.querySelector(".hero-formula .katex") ? resolve(performance.now())
    : requestAnimationFrame(look);
  look();
})"""


def visit(browser: Browser, address: str) -> tuple[float, float]:
    """First paint and first answer of somebody who was never here."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address, wait_until="commit")
    answered = float(page.evaluate(ANSWERED))
    painted = float(page.evaluate(PAINTED))
    context.close()
    return painted, answered


def main() -> None:
    """Print the median and the worst of some visits."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        visit(browser, sys.argv[1])
        visits = [visit(browser, sys.argv[1]) for _ in range(VISITS)]
        browser.close()
    for name, times in zip(("first paint", "first answer"), zip(*visits, strict=True), strict=True):
        print(f"{name}: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")


if __name__ == "__main__":
    main()
