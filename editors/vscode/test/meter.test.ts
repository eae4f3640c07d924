import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { StatusMeter } from "../src/meter";
import { meters } from "./contract";
import { seen } from "./fake_vscode";
import type { Item, MarkdownString } from "./fake_vscode";

let meter: StatusMeter;

function item(): Item {
  assert.equal(1, seen.items.length, "one owner, one item");
  return seen.items[0] as Item;
}

beforeEach(() => {
  seen.reset();
  meter = new StatusMeter();
});

describe("the status bar item", () => {
  for (const example of meters()) {
    it(`says what the server says: ${example.text}`, () => {
      meter.show(example);
      assert.equal(`$(pulse) ${example.text}`, item().text);
      const tooltip = (item().tooltip as MarkdownString).value.replace(/&nbsp;/g, "");
      assert.ok(tooltip.startsWith(example.tooltip));
      assert.equal("switchtax.menu", item().command);
    });

    it(`is coloured only for a warning: ${example.severity}, ${example.text}`, () => {
      meter.show(example);
      const wanted = example.severity === "warning" ? "statusBarItem.warningBackground" : undefined;
      assert.equal(wanted, item().backgroundColor?.id);
    });
  }

  it("loses its colour with the next meter", () => {
    const [calm, warning] = meters();
    assert.ok(calm && warning);
    meter.show(warning);
    meter.show(calm);
    assert.equal(undefined, item().backgroundColor);
  });

  it("links our own commands only, and none without a session", () => {
    const [live, , idle] = meters();
    assert.ok(live && idle);
    meter.show(live);
    const found = item().tooltip as MarkdownString;
    assert.match(found.value, /\[Estimate\]\(command:switchtax\.estimate\)/);
    assert.ok(found.isTrusted?.enabledCommands.every((name) => name.startsWith("switchtax.")));
    meter.show(idle);
    assert.doesNotMatch((item().tooltip as MarkdownString).value, /command:/);
  });

  it("is short, or hidden, as the settings have it", () => {
    const [live] = meters();
    assert.ok(live);
    meter.show(live);
    meter.setLength("short");
    assert.equal("$(pulse) 142k · $1.23", item().text);
    meter.setLength("off");
    assert.equal(false, item().visible);
    meter.setLength("full");
    assert.equal(true, item().visible);
  });

  for (const [trouble, command] of [
    ["starting", "switchtax.menu"],
    ["missing", "switchtax.install"],
    ["incomplete", "switchtax.install"],
    ["stopped", "switchtax.restart"],
  ] as const) {
    it(`says that there is no meter and leads on: ${trouble}`, () => {
      meter.show(meters()[1] as never);
      meter.fail(trouble);
      assert.match(item().text, /switchtax/);
      assert.doesNotMatch(item().text, /re-reads/);
      assert.equal(command, item().command);
      assert.equal(undefined, item().backgroundColor);
    });
  }
});
