import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob } from "node:path";
import { beforeEach, describe, it, mock } from "node:test";

import { QuietClient, Server } from "../src/server";
import { StatusMeter } from "../src/meter";
import { contract, meters } from "./contract";
import { LanguageClient } from "./fake_client";
import { MarkdownString, seen } from "./fake_vscode";

const log = { info: () => undefined, warn: () => undefined };
let server: Server;
let missing: number;
let present: boolean;
let setting: string;

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
  }
}

function text(): string {
  return seen.items[0]?.text ?? "";
}

function client(number = -1): LanguageClient {
  const found = LanguageClient.made.at(number);
  assert.ok(found, "a client was made");
  return found;
}

beforeEach(() => {
  seen.reset();
  LanguageClient.made = [];
  LanguageClient.fails = false;
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  [missing, present, setting] = [0, true, "/bin/switchtax"];
  server = new Server({
    asked: () => ({ setting, folders: [] }),
    machine: {
      env: {},
      home: "/home/dev",
      windows: false,
      runnable: async () => present,
      run: async () => "switchtax 0.1.0\n",
    },
    meter: new StatusMeter(),
    log: log as never,
    brief: () => undefined,
    missing: () => (missing += 1),
  });
});

describe("the server", () => {
  it("shows the meter that comes, and is told of the focus", async () => {
    await server.start();
    assert.deepEqual([["switchtax/focus", { focused: true }]], client().notified);
    client().hears.get("switchtax/meter")?.(meters()[0]);
    assert.match(text(), /Opus 5\.5/);
    server.focus(false);
    assert.deepEqual(["switchtax/focus", { focused: false }], client().notified[1]);
  });

  it("is told in `initialize` that the meter has a place of its own", async () => {
    await server.start();
    const able = { experimental: { other: 1 } };
    client().features.forEach((feature) => feature.fillClientCapabilities?.(able));
    assert.deepEqual({ experimental: { other: 1, ...contract.capability.experimental } }, able);
  });

  it("registers no commands of its own: the palette's have the same names", () => {
    const made = new QuietClient("switchtax", "switchtax", (() => undefined) as never, {});
    made.registerFeature({ registrationType: { method: "workspace/executeCommand" } } as never);
    made.registerFeature({ registrationType: { method: "textDocument/hover" } } as never);
    const names = client().features.map(({ registrationType }) => registrationType?.method);
    assert.deepEqual(["textDocument/hover"], names);
  });

  it("sees documents that set models, and no code", async () => {
    await server.start();
    const patterns = client().clientOptions.documentSelector.map(({ pattern }) => pattern);
    const shown = (path: string): boolean => patterns.some((pattern) => matchesGlob(path, pattern));
    assert.deepEqual([], contract.documents.examples.filter((path) => !shown(path)));
    const others = ["/w/src/main.py", "/w/README.md", "/w/settings.json", "/w/config.toml"];
    assert.deepEqual([], others.filter(shown));
  });

  it("has its tables spaced in hovers", async () => {
    await server.start();
    const hover = { contents: [new MarkdownString("| a | b |\n|---|---|\n| c | d |")] };
    const { provideHover } = client().clientOptions.middleware;
    const none = undefined as never;
    assert.equal(hover, await provideHover(none, none, none, async () => hover));
    const spaced = "| a&nbsp;&nbsp; | b |\n|---|---|\n| c&nbsp;&nbsp; | d |";
    assert.equal(spaced, hover.contents[0]?.value);
    assert.equal(null, await provideHover(none, none, none, async () => null));
  });

  it("is started again when it ends, later each time", async () => {
    await server.start();
    for (const wait of [1_000, 2_000, 5_000]) {
      const before = LanguageClient.made.length;
      assert.deepEqual({ action: 1, handled: true }, client().clientOptions.errorHandler.closed());
      assert.match(text(), /stopped/);
      mock.timers.tick(wait - 1);
      await settle();
      assert.equal(before, LanguageClient.made.length);
      mock.timers.tick(1);
      await settle();
      assert.equal(before + 1, LanguageClient.made.length);
      assert.ok(client(before - 1).disposed);
    }
  });

  it("that does not answer at its start is tried again", async () => {
    LanguageClient.fails = true;
    await server.start();
    assert.match(text(), /stopped/);
    LanguageClient.fails = false;
    mock.timers.tick(1_000);
    await settle();
    assert.equal(2, LanguageClient.made.length);
  });

  it("without its libraries is not started again, and that is said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stx"));
    setting = join(folder, "switchtax");
    writeFileSync(setting, "#!/bin/sh\nexit 4\n", { mode: 0o755 });
    try {
      await server.start();
      const child = (await client().program()) as ChildProcess;
      await once(child, "exit");
      client().clientOptions.errorHandler.closed();
      assert.match(text(), /language server missing/);
      mock.timers.tick(100_000);
      await settle();
      assert.equal(1, LanguageClient.made.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is not started where there is no command, and that is said once", async () => {
    present = false;
    await server.start();
    assert.equal(0, LanguageClient.made.length);
    assert.match(text(), /not installed/);
    assert.equal(1, missing);
    assert.equal(1, server.notFound?.tried.length);
  });

  it("that was stopped stays so", async () => {
    await server.start();
    await server.stop();
    client().clientOptions.errorHandler.closed();
    mock.timers.tick(100_000);
    await settle();
    assert.equal(1, LanguageClient.made.length);
  });
});
