"""What is done in a window of VS Code and seen of it, by the page that shows it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from service_support import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["HOVER", "METER", "SIZE", "TOAST", "Workbench"]

METER = '.statusbar-item[id="switchtax.switchtax.switchtax.meter"]'
TOAST = ".notifications-toasts .notification-list-item"
HOVER = ".workbench-hover"
SIZE = {"width": 1280, "height": 800}
_WATCH = """([meter, toast]) => {
  const seen = window.seen = { meter: [], toast: [] };
  const last = {};
  const look = () => {
    for (const [name, selector] of [["meter", meter], ["toast", toast]]) {
      const text = document.querySelector(selector)?.textContent ?? "";
      if (text !== last[name]) {
        last[name] = text;
        requestAnimationFrame(() => seen[name].push([Date.now(), text]));
      }
    }
  };
  new MutationObserver(look).observe(
    document.body, { subtree: true, childList: true, characterData: true });
  look();
}"""
"""Notes when the meter and the first message have changed, with the frame that shows it."""
_CONTRAST = """element => {
  const numbers = text => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const text = [...element.querySelectorAll("*")].find(each =>
    [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim())) ?? element;
  let under = text, ground = [0, 0, 0, 0];
  while (under && ground[3] === 0) {
    const [r, g, b, a = 1] = numbers(getComputedStyle(under).backgroundColor);
    ground = [r, g, b, a];
    under = under.parentElement;
  }
  const [a, b] = [light(numbers(getComputedStyle(text).color)), light(ground)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


def quoted(text: str) -> str:
    """A text as a selector has it."""
    return json.dumps(text, ensure_ascii=False)


@dataclass
class Workbench:
    """A window of VS Code, and the page that shows it."""

    page: Any
    folder: Path
    data: Path

    def meter(self) -> str:
        """What the status bar says."""
        return str(self.page.locator(METER).inner_text()).strip()

    def meter_until(self, text: str) -> None:
        """Wait until the meter holds a text."""
        self.page.locator(f"{METER}:has-text({quoted(text)})").wait_for()

    def tooltip(self, selector: str, text: str) -> str:
        """What hovering shows, once it holds a text; a tooltip goes when its owner changes."""
        card = self.page.locator(f"{HOVER}:has-text({quoted(text)})").first

        def shown() -> str:
            self.page.mouse.move(600, 300)
            self.page.locator(selector).first.hover()
            with contextlib.suppress(Exception):
                card.wait_for(timeout=3_000)
                return str(card.inner_text())
            return ""

        return str(until(shown, f"a tooltip with {text}", 30))

    def watch(self) -> None:
        """From now on it is noted when what changes; see `seen`."""
        self.page.evaluate(_WATCH, [METER, TOAST])

    def seen(self, name: str, since: int = 0) -> list[tuple[float, str]]:
        """What "meter" or "toast" has shown, and from when on in milliseconds of the epoch."""
        found = self.page.evaluate(f"seen.{name}.slice({since})")
        return [(float(at), str(text)) for at, text in found]

    def seen_next(self, name: str, since: int, text: str) -> float:
        """When "meter" or "toast" first held a text, after that many others."""
        wanted = f"each => each[1].replaceAll('\\u00a0', ' ').includes({quoted(text)})"
        self.page.wait_for_function(f"seen.{name}.slice({since}).some({wanted})")
        return float(self.page.evaluate(f"seen.{name}.slice({since}).find({wanted})[0]"))

    def press(self, keys: str) -> None:
        """Press keys, named as playwright names them."""
        self.page.keyboard.press(keys)

    def settings(self, **changed: Any) -> None:
        """Change the user's settings, with `__` for the dots of their names."""
        path = self.data / "User" / "settings.json"
        now = json.loads(path.read_text())
        now |= {name.replace("__", "."): value for name, value in changed.items()}
        wanted = json.dumps(now)
        path.write_text(wanted)
        self.run("Preferences: Open User Settings (JSON)")  # it may not look at the disk by itself
        tab = self.page.locator('.tab.active:has-text("settings.json")')
        tab.wait_for()
        self.page.locator(".view-line").first.click()
        self.run("File: Revert File")
        self.press("Control+End")
        self.page.keyboard.insert_text("\n")
        self.press("Control+s")
        until(lambda: path.read_text() == f"{wanted}\n", "the settings are saved", 10)
        self.run("View: Close Editor")
        tab.wait_for(state="detached")

    def run(self, command: str) -> None:
        """Run a command by its title, from the palette."""
        self.press("F1")
        box = self.page.locator(".quick-input-widget input.input")
        box.fill(f">{command}")
        row = self.page.locator(".quick-input-list .monaco-list-row").first
        self.page.locator(
            f".quick-input-list .monaco-list-row:has-text({quoted(command)})"
        ).first.wait_for()
        row.click()

    def picks(self) -> list[str]:
        """The rows of the list that is open."""
        rows = self.page.locator(".quick-input-list .monaco-list-row")
        rows.first.wait_for()
        return [str(each) for each in rows.all_inner_texts()]

    def labels(self) -> list[str]:
        """The names of these rows, without what stands behind them."""
        names = self.page.locator(".quick-input-list .monaco-list-row .label-name")
        names.first.wait_for()
        return [str(each).strip() for each in names.all_inner_texts()]

    def pick(self, text: str) -> None:
        """Choose a row of the list that is open."""
        row = f".quick-input-list .monaco-list-row:has-text({quoted(text)})"
        self.page.locator(row).first.click()

    def open(self, *path: str) -> None:
        """Open a file of the workspace, by its folders and name, from the explorer."""
        *folders, name = path
        row = '.explorer-folders-view .monaco-list-row:has-text("{}")'
        for folder in folders:
            found = self.page.locator(row.format(folder)).first
            if found.get_attribute("aria-expanded") != "true":
                found.click()
        self.page.locator(row.format(name)).first.dblclick()
        self.page.locator(f'.tab.active:has-text("{name}")').wait_for()

    def word(self, word: str) -> Any:
        """A word in the editor that is open."""
        return self.page.locator(f".view-line span:not(:has(span)):has-text({quoted(word)})").first

    def change(self, old: str, new: str) -> None:
        """Write one word in place of another in the editor, as a person would."""
        self.word(old).dblclick()
        self.press("Delete")
        self.page.keyboard.insert_text(new)

    def line_until(self, part: str, more: str) -> None:
        """Wait until the line with a text shows another one, too, hints included."""
        line = f".view-line:has-text({quoted(part)})"
        self.page.locator(f"{line}:has-text({quoted(more)})" if more else line).first.wait_for()

    def hover(self, word: str, text: str) -> str:
        """What the editor says about a word in it, once that holds a text."""
        card = self.page.locator(f".monaco-editor .monaco-hover:has-text({quoted(text)})").first

        def shown() -> str:
            self.word(word).hover()
            with contextlib.suppress(Exception):
                card.wait_for(timeout=3_000)
                return str(card.inner_text())
            self.page.mouse.move(600, 300)
            return ""

        return str(until(shown, f"a hover with {text}", 30))

    def actions(self, word: str) -> list[str]:
        """The code actions on a word's line."""
        rows = self.page.locator(".action-widget .monaco-list-row.action")

        def shown() -> list[str]:
            self.word(word).click()
            self.press("Control+.")
            with contextlib.suppress(Exception):
                rows.first.wait_for(timeout=3_000)
            return [str(each) for each in rows.all_inner_texts()]

        return list(until(shown, f"actions on {word}", 20))

    def act(self, title: str) -> None:
        """Choose one of the code actions that are shown."""
        self.page.locator(
            f".action-widget .monaco-list-row:has-text({quoted(title)})"
        ).first.click()

    def contrast(self, selector: str) -> float:
        """The contrast of a text with what it stands on, 1 to 21 (WCAG 2)."""
        return float(self.page.locator(selector).first.evaluate(_CONTRAST))

    def still(self) -> None:
        """Wait until nothing moves: three pictures in a row are the same."""
        seen: list[bytes] = []
        until(
            lambda: seen.append(self.page.screenshot()) or len(set(seen[-3:])) == 1 < len(seen),
            "a window at rest",
            10,
        )

    @contextlib.contextmanager
    def sized(self, width: int, height: int) -> Iterator[None]:
        """Another size of the window for a while."""
        self.page.set_viewport_size({"width": width, "height": height})
        yield
        self.page.set_viewport_size(SIZE)

    def toast(self, text: str) -> Any:
        """The message that holds a text, once it is there."""
        found = self.page.locator(f"{TOAST}:has-text({quoted(text)})").first
        found.wait_for()
        return found

    def answer(self, toast: Any, title: str) -> None:
        """Press a button of a message."""
        toast.locator(f'.monaco-button:has-text("{title}")').first.click()

    def clear(self) -> None:
        """Close lists, messages and editors, whatever is in them."""
        for _ in range(3):
            self.press("Escape")
        if self.page.locator(TOAST).count():
            self.run("Notifications: Clear All Notifications")
        tabs = self.page.locator(".tabs-container .tab")
        while left := tabs.count():
            self.run("View: Revert and Close Editor")
            tabs.nth(left - 1).wait_for(state="detached")
