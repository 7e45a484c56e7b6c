"""Times explorers in a real browser: from a key press to the redrawn figure, and the frames of a slider's drag."""

from __future__ import annotations

import itertools
import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Locator, Page

FRAME = 1000 / 60
REST = 60
# From the key event to the end of the frame that follows the new drawing.
TIMED = """(explorer) => {
    window.times = [];
    explorer.addEventListener("input", (event) => {
        const start = event.timeStamp;
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - start)));
    }, true);
}"""
# The words are written once a drawing; the screen's frames are counted whether they hold a new drawing or not.
WATCHED = """(explorer) => {
    window.frames = [];
    window.drawings = 0;
    new MutationObserver(() => window.drawings++).observe(explorer.querySelector("output"), { childList: true });
    const next = (now) => { window.frames.push(now); window.request = requestAnimationFrame(next); };
    window.request = requestAnimationFrame(next);
}"""
# Where the middle of the thumb stands at the slider's ends, and how many values lie between.
PLACED = """(slider) => {
    const { left, right, top, height } = slider.getBoundingClientRect();
    const [low, high, step] = [slider.min, slider.max, slider.step].map(Number);
    return { left: left + 8, right: right - 8, y: top + height / 2, steps: Math.round((high - low) / step) };
}"""


@dataclass(frozen=True)
class Presses:
    """Milliseconds from each key press to the end of its frame, and of the page's processor time a drawing."""

    times: list[float]
    processor: float

    @property
    def median(self) -> float:
        """The middle time."""
        return statistics.median(self.times)

    @property
    def worst(self) -> float:
        """The longest time."""
        return max(self.times)


@dataclass(frozen=True)
class Drag:
    """The frames of a drag: milliseconds between them, and of the page's processor time a drawing."""

    intervals: list[float]
    drawings: int
    script: float
    processor: float

    @property
    def per_second(self) -> float:
        """Frames per second, by the middle interval."""
        return 1000 / statistics.median(self.intervals)

    @property
    def worst(self) -> float:
        """The longest interval between two frames."""
        return max(self.intervals)

    @property
    def in_time(self) -> float:
        """The share of frames that came with the screen's next one; where one is left out two intervals pass."""
        return sum(interval < 1.5 * FRAME for interval in self.intervals) / len(self.intervals)


class Processor:
    """Milliseconds that the page's main thread has worked: other work on the machine does not add to them."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def read(self) -> tuple[float, float]:
        """All tasks (script, style, layout, paint), and script alone."""
        found = {each["name"]: each["value"] for each in self._session.send("Performance.getMetrics")["metrics"]}
        return 1000 * found["TaskDuration"], 1000 * found["ScriptDuration"]

    def close(self) -> None:
        """Stop counting."""
        self._session.detach()


def wake(page: Page, name: str) -> Locator:
    """The explorer on the screen and alive, with its prediction skipped."""
    explorer = page.locator(f'nnlab-explorer[data-name="{name}"]')
    explorer.scroll_into_view_if_needed()
    page.wait_for_selector(f'nnlab-explorer[data-name="{name}"][data-ready]')
    skip = explorer.get_by_role("button", name="Skip")
    if skip.is_visible():
        skip.click()
    page.wait_for_timeout(5 * REST)
    return explorer


def press_keys(page: Page, explorer: Locator, presses: int) -> Presses:
    """So many key presses on the explorer's first slider, or choice where it has none."""
    explorer.evaluate(TIMED)
    sliders, choices = explorer.locator("input[type=range]"), explorer.locator("select")
    keys = ("ArrowLeft", "ArrowRight") if sliders.count() else ("ArrowDown", "ArrowUp")
    (sliders if sliders.count() else choices).first.focus()
    processor = Processor(page)
    before, _ = processor.read()
    for i in range(presses):
        page.keyboard.press(keys[i // 3 % 2])
        page.wait_for_timeout(REST)
    after, _ = processor.read()
    processor.close()
    times = page.evaluate("window.times")
    return Presses(times, (after - before) / len(times))


def drag(page: Page, explorer: Locator, seconds: float) -> Drag | None:
    """Drag the explorer's first slider to and fro, a new value each event; None where it has no slider."""
    sliders = explorer.locator("input[type=range]")
    if not sliders.count():
        return None
    sliders.first.scroll_into_view_if_needed()
    place = sliders.first.evaluate(PLACED)
    steps = min(place["steps"], 40)
    ways = itertools.cycle([*range(steps), *range(steps, 0, -1)])
    y, left, width = place["y"], place["left"], place["right"] - place["left"]
    page.mouse.move(left, y)
    page.mouse.down()
    page.wait_for_timeout(2 * REST)
    processor = Processor(page)
    explorer.evaluate(WATCHED)
    before, script_before = processor.read()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        page.mouse.move(left + width * next(ways) / steps, y)
    after, script_after = processor.read()
    frames, drawings = page.evaluate("() => (cancelAnimationFrame(window.request), [window.frames, window.drawings])")
    processor.close()
    page.mouse.up()
    intervals = [b - a for a, b in itertools.pairwise(frames)]
    return Drag(intervals, drawings, (script_after - script_before) / drawings, (after - before) / drawings)
