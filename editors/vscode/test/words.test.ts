import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";

const read = (path: string): string => readFileSync(path, "utf8");

describe("what people read can be translated", () => {
  it("every sentence of the code is in the bundle, and nothing else", () => {
    const code = readdirSync("src").map((name) => read(`src/${name}`)).join("\n");
    const said = [...code.matchAll(/l10n\.t\(\s*"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
    const bundle = JSON.parse(read("l10n/bundle.l10n.json")) as Record<string, string>;
    assert.deepEqual([...new Set(said)].sort(), Object.keys(bundle).sort());
    assert.ok(said.length > 40);
  });

  it("sentences stand in one file", () => {
    const others = readdirSync("src").filter((name) => name !== "words.ts");
    assert.deepEqual([], others.filter((name) => read(`src/${name}`).includes("l10n.")));
  });

  it("every text of the manifest is in its file, and nothing else", () => {
    const asked = [...read("package.json").matchAll(/"%([\w.]+)%"/g)].map(([, name]) => name);
    const texts = JSON.parse(read("package.nls.json")) as Record<string, string>;
    assert.deepEqual([...new Set(asked)].sort(), Object.keys(texts).sort());
  });

  it("nothing is reported to anybody", () => {
    const bundle = readdirSync("src").map((name) => read(`src/${name}`)).join("\n");
    assert.doesNotMatch(bundle, /https?:|fetch\(|TelemetryLogger|createTelemetryLogger/);
  });
});
