import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { candidates, find, installCommand, isFound } from "../src/find";
import type { Machine } from "../src/find";

function machine(programs: Record<string, string>, more: Partial<Machine> = {}): Machine {
  return {
    env: { PATH: "/usr/bin:/opt/bin" },
    home: "/home/dev",
    windows: false,
    runnable: async (file) => file in programs,
    run: async (file) => {
      const told = programs[file] ?? "";
      if (told.startsWith("!")) {
        throw new Error(told.slice(1));
      }
      return told;
    },
    ...more,
  };
}

const NOTHING = { setting: "", folders: [] };
const OURS = "switchtax 0.1.0\n";

describe("where the command is looked for", () => {
  it("goes from the workspace's environment over PATH to where uv and pipx install", () => {
    const found = candidates({ setting: "", folders: ["/w"] }, machine({}));
    assert.deepEqual(
      [
        ["/w/.venv/bin/switchtax", "workspace"],
        ["/w/venv/bin/switchtax", "workspace"],
        ["/usr/bin/switchtax", "PATH"],
        ["/opt/bin/switchtax", "PATH"],
        ["/home/dev/.local/bin/switchtax", "uv or pipx"],
      ],
      found.map(({ file, place }) => [file, place]),
    );
  });

  it("is the setting alone where there is one, with its variables filled in", () => {
    const paths = ["~/b/switchtax", "${userHome}/b/switchtax", "${workspaceFolder}/b/switchtax"];
    const found = paths.map((setting) => candidates({ setting, folders: ["/w"] }, machine({})));
    assert.deepEqual(
      ["/home/dev/b/switchtax", "/home/dev/b/switchtax", "/w/b/switchtax"],
      found.map((each) => each.map(({ file }) => file).join()),
    );
  });

  it("is never a relative folder of PATH, which would be the workspace's", () => {
    const env = { PATH: ".:bin::/usr/bin" };
    const found = candidates(NOTHING, machine({}, { env }));
    assert.deepEqual(["/usr/bin/switchtax", "/home/dev/.local/bin/switchtax"], found.map(({ file }) => file));
  });

  it("follows what uv, pipx and XDG are told in the environment", () => {
    const env = { UV_TOOL_BIN_DIR: "/u", PIPX_BIN_DIR: "/p", XDG_BIN_HOME: "/x", XDG_DATA_HOME: "/d/share" };
    const found = candidates(NOTHING, machine({}, { env }));
    assert.deepEqual(
      ["/u", "/p", "/x", "/d/bin", "/home/dev/.local/bin"].map((folder) => `${folder}/switchtax`),
      found.map(({ file }) => file),
    );
  });

  it("has the names of Windows there", () => {
    const env = { Path: "C:\\bin" };
    const on = machine({}, { env, home: "C:\\Users\\dev", windows: true });
    const found = candidates({ setting: "", folders: ["C:\\w"] }, on);
    assert.equal("C:\\w\\.venv\\Scripts\\switchtax.exe", found[0]?.file);
    assert.equal("C:\\bin\\switchtax.exe", found[2]?.file);
  });
});

describe("which command is taken", () => {
  it("is the first that tells a version of switchtax", async () => {
    const programs = {
      "/usr/bin/switchtax": "another program 2.0\n",
      "/opt/bin/switchtax": OURS,
      "/home/dev/.local/bin/switchtax": OURS,
    };
    const found = await find(NOTHING, machine(programs));
    assert.deepEqual({ file: "/opt/bin/switchtax", place: "PATH", version: "0.1.0" }, found);
  });

  it("is none that fails or does not answer, with the reason kept", async () => {
    const found = await find(NOTHING, machine({ "/usr/bin/switchtax": "!no answer in 5 s" }));
    assert.ok(!isFound(found));
    const why = found.tried.map(({ why }) => why);
    assert.deepEqual(["no answer in 5 s", "no such program", "no such program"], why);
  });
});

describe("the command that installs it", () => {
  it("is uv's where there is uv, pipx's where there is pipx, else pip's", async () => {
    const told = async (programs: Record<string, string>): Promise<string> =>
      installCommand(machine(programs));
    assert.equal("uv tool install 'switchtax[lsp]'", await told({ "/opt/bin/uv": "", "/opt/bin/pipx": "" }));
    assert.equal("pipx install 'switchtax[lsp]'", await told({ "/home/dev/.local/bin/pipx": "" }));
    assert.equal("python3 -m pip install --user 'switchtax[lsp]'", await told({}));
  });
});
