import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { Commands } from "../src/commands";
import type { Machine } from "../src/find";
import { contract, example } from "./contract";
import { seen } from "./fake_vscode";

interface Asked {
  method: string;
  params: unknown;
}

class FakeServer {
  asked: Asked[] = [];
  snoozed: string[] = [];
  started = 0;
  isReady = true;
  notFound: { tried: object[] } | undefined;
  found: { file: string } | undefined = { file: "/home/dev/.local/bin/switchtax" };
  fails = "";

  async ask(method: string, params: unknown): Promise<unknown> {
    this.asked.push({ method, params });
    if (this.fails) {
      throw new Error(this.fails);
    }
    return example(method).result;
  }
  async snooze(scope: string): Promise<void> {
    this.snoozed.push(scope);
  }
  async start(): Promise<void> {
    this.started += 1;
  }
}

const log = { info: () => undefined, show: () => undefined };
const machine = {
  env: {},
  home: "/home/dev",
  windows: false,
  runnable: async () => false,
  run: async () => "",
} satisfies Machine;
let server: FakeServer;

async function run(name: string, about?: object): Promise<void> {
  const command = seen.commands.get(`switchtax.${name}`);
  assert.ok(command, `no command ${name}`);
  await command(about);
}

beforeEach(() => {
  seen.reset();
  server = new FakeServer();
  new Commands(server as never, machine, log as never);
});

describe("the commands", () => {
  it("have a command for each of the server's that code lenses and actions name", () => {
    const ours = Object.keys(contract.commands).filter((name) => name !== "switchtax.decide");
    assert.deepEqual([], ours.filter((name) => !seen.commands.has(name)));
  });

  it("tell the server's own sentence when it refuses", async () => {
    server.fails = "No agent session in this workspace was used within the last hour.";
    await run("estimate");
    assert.deepEqual([`switchtax: ${server.fails}`], seen.messages);
  });

  it("ask for a moment while the server starts", async () => {
    server.isReady = false;
    await run("status");
    assert.match(seen.messages[0] ?? "", /not ready yet/);
    assert.deepEqual([], server.asked);
  });
});

describe("what to do", () => {
  it("leads to the command that is chosen", async () => {
    seen.row = (labels) => labels.findIndex((label) => label.includes("Accuracy"));
    await run("menu");
    assert.deepEqual([["switchtax.accuracy"]], seen.executed);
  });

  it("does nothing when it is left", async () => {
    await run("menu");
    assert.deepEqual([], seen.executed);
  });
});

describe("the estimate", () => {
  it("shows a row for each model, and opens a brief for the one that is chosen", async () => {
    seen.row = () => 0;
    await run("estimate");
    const [{ label, description } = { label: "", description: "" }] = seen.picks[0] ?? [];
    assert.equal("Sonnet 5.5", label);
    assert.equal("re-read $0.34 once, next turn about +$0.20.", description);
    const session = "5a3f1e00-0000-4000-8000-000000000001";
    assert.deepEqual(
      { method: "switchtax/brief", params: { session, to: "claude-sonnet-5-5" } },
      server.asked[1],
    );
    assert.deepEqual([{ language: "markdown", content: "# Goal\n\n…" }], seen.opened);
  });

  it("is of the session and model that a code lens names", async () => {
    await run("estimate", { session: "s1", to: ["claude-sonnet-5-5"], other: 1 });
    assert.deepEqual({ session: "s1", to: ["claude-sonnet-5-5"] }, server.asked[0]?.params);
  });
});

describe("the sessions", () => {
  it("are all live ones, and lead to an estimate", async () => {
    seen.row = (labels) => (labels[0] === "5a3f1e00" ? 0 : undefined);
    await run("status");
    assert.equal("switchtax/estimate", server.asked[1]?.method);
    const description = "Opus 5.5 · 142k context · cache until 10:05 · $1.23 spent";
    assert.equal(description, seen.picks[0]?.[0]?.description);
  });
});

describe("snooze", () => {
  for (const [number, scope] of ["session", "day", "off"].entries()) {
    it(`passes on for how long: ${scope}`, async () => {
      seen.row = () => number;
      await run("snooze");
      assert.deepEqual([scope], server.snoozed);
      assert.equal(1, seen.messages.length);
    });
  }
});

describe("setup", () => {
  it("runs in a terminal, with a path that has spaces", async () => {
    server.found = { file: "/home/d e'v/switchtax" };
    seen.row = () => 0;
    await run("setup");
    const text = "'/home/d e'\\''v/switchtax' setup claude-code";
    assert.deepEqual([{ text, enter: true }], seen.sent);
  });
});

describe("install", () => {
  it("types the command and leaves Enter to the person", async () => {
    server.found = undefined;
    seen.button = (_, titles) => titles[0];
    await run("install");
    const text = "python3 -m pip install --user 'switchtax[lsp]'";
    assert.deepEqual([{ text, enter: false }], seen.sent);
    assert.match(seen.messages[0] ?? "", /not found on this machine.*pip install/);
  });

  it("is what a command leads to where switchtax is missing", async () => {
    Object.assign(server, { isReady: false, found: undefined, notFound: { tried: [] } });
    seen.button = (_, titles) => titles.find((title) => title === "Look again");
    await run("brief");
    assert.equal(1, server.started);
  });
});
