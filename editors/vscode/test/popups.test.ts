import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";

import { ask } from "../src/popups";
import { contract } from "./contract";
import { seen } from "./fake_vscode";

const [question] = contract.popup.examples;
const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };

beforeEach(() => seen.reset());

describe("a question", () => {
  it("offers what the server offers, and gives the answer", async () => {
    for (const { title } of question?.actions ?? []) {
      seen.button = () => title;
      assert.deepEqual({ title }, await ask(question as never, token as never));
    }
    assert.equal(question?.message, seen.messages[0]);
  });

  it("that is closed is no opinion", async () => {
    assert.equal(null, await ask(question as never, token as never));
  });

  it("that is answered too late changes nothing, and that is said", async () => {
    seen.button = (text) => (text === question?.message ? "Keep Opus 5.5" : undefined);
    const over = { ...token, isCancellationRequested: true };
    assert.equal(null, await ask(question as never, over as never));
    assert.match(seen.messages[1] ?? "", /question is over/);
  });

  it("that is closed after it is over says nothing more", async () => {
    const over = { ...token, isCancellationRequested: true };
    assert.equal(null, await ask(question as never, over as never));
    assert.equal(1, seen.messages.length);
  });
});
