/** `editors/contract.json`, which the server's and Neovim's tests read too. */

import { readFileSync } from "node:fs";

import type { Meter } from "../src/contract";

interface Example {
  params: Record<string, unknown>;
  result: Record<string, unknown>;
}

export const contract = JSON.parse(readFileSync("../contract.json", "utf8")) as {
  methods: Record<string, { examples: Example[] }>;
  commands: Record<string, string>;
  documents: { examples: string[] };
  popup: { examples: { type: number; message: string; actions: { title: string }[] }[] };
  capability: { experimental: object };
};

export function example(method: string): Example {
  const found = contract.methods[method]?.examples[0];
  if (!found) {
    throw new Error(`the contract has no example of ${method}`);
  }
  return found;
}

export function meters(): Meter[] {
  const { examples } = contract.methods["switchtax/meter"] ?? { examples: [] };
  return examples.map(({ params }) => params as unknown as Meter);
}
