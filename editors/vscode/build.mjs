// Bundles the extension into dist/; with --test the tests into dist-test/, against a fake editor.
import { readdirSync, rmSync } from "node:fs";

import { build } from "esbuild";

const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "warning",
};

if (process.argv.includes("--test")) {
  rmSync("dist-test", { recursive: true, force: true });
  await build({
    ...common,
    entryPoints: readdirSync("test")
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `test/${name}`),
    outdir: "dist-test",
    sourcemap: "inline",
    alias: {
      vscode: "./test/fake_vscode.ts",
      "vscode-languageclient/node": "./test/fake_client.ts",
    },
  });
} else {
  await build({
    ...common,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    external: ["vscode"],
    minify: process.argv.includes("--minify"),
  });
}
