/**
 * Where the `switchtax` command is, in this order: the setting, the workspace's own environment,
 * PATH, and the folders into which uv and pipx install. The first that tells its version is taken.
 *
 * Nothing here touches the editor: what it needs of the machine comes in as `Machine`.
 */

import * as path from "node:path";

export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  windows: boolean;
  /** Whether a file can be run. */
  runnable(file: string): Promise<boolean>;
  /** Standard output of a program; rejects if it fails or takes too long. */
  run(file: string, args: readonly string[]): Promise<string>;
}

export interface Asked {
  /** The setting `switchtax.path`; "" if it is not set. */
  setting: string;
  /** Folders of the workspace; none where the workspace is not trusted. */
  folders: readonly string[];
}

export type Place = "setting" | "workspace" | "PATH" | "uv or pipx";

export interface Candidate {
  file: string;
  place: Place;
}

export interface Found extends Candidate {
  version: string;
}

export interface NotFound {
  /** Each file that was tried, and why it was not taken. */
  tried: { candidate: Candidate; why: string }[];
}

const ENVIRONMENTS = [".venv", "venv"];
const VERSION = /^switchtax (\d+\.\d+\S*)/m;

/** All places, in their order; a setting stands alone, so that a mistake in it is seen. */
export function candidates(asked: Asked, machine: Machine): Candidate[] {
  const way = machine.windows ? path.win32 : path.posix;
  const name = machine.windows ? "switchtax.exe" : "switchtax";
  if (asked.setting) {
    return [{ file: fromSetting(asked, machine), place: "setting" }];
  }
  const bin = machine.windows ? "Scripts" : "bin";
  const found: Candidate[] = [];
  for (const folder of asked.folders) {
    for (const environment of ENVIRONMENTS) {
      found.push({ file: way.join(folder, environment, bin, name), place: "workspace" });
    }
  }
  const onPath = machine.env["PATH"] ?? machine.env["Path"] ?? "";
  for (const folder of onPath.split(way.delimiter)) {
    // A relative folder on PATH would be the workspace's: whoever wrote that could choose a program.
    if (way.isAbsolute(folder)) {
      found.push({ file: way.join(folder, name), place: "PATH" });
    }
  }
  for (const folder of toolFolders(machine)) {
    found.push({ file: way.join(folder, name), place: "uv or pipx" });
  }
  const seen = new Set<string>();
  return found.filter(({ file }) => !seen.has(file) && seen.add(file));
}

function fromSetting(asked: Asked, machine: Machine): string {
  const way = machine.windows ? path.win32 : path.posix;
  const folder = asked.folders[0] ?? "";
  return asked.setting
    .replace(/^~(?=[/\\]|$)/, () => machine.home)
    .replace(/\$\{userHome\}/g, () => machine.home)
    .replace(/\$\{workspaceFolder\}/g, () => folder)
    .replace(/\$\{pathSeparator\}/g, () => way.sep);
}

function toolFolders(machine: Machine): string[] {
  const way = machine.windows ? path.win32 : path.posix;
  const { env, home } = machine;
  const named = [env["UV_TOOL_BIN_DIR"], env["PIPX_BIN_DIR"], env["XDG_BIN_HOME"]];
  const data = env["XDG_DATA_HOME"];
  if (data) {
    named.push(way.join(data, "..", "bin"));
  }
  named.push(way.join(home, ".local", "bin"));
  return named.filter((folder): folder is string => !!folder && way.isAbsolute(folder));
}

/** The first candidate that says which version of switchtax it is. */
export async function find(asked: Asked, machine: Machine): Promise<Found | NotFound> {
  const tried: NotFound["tried"] = [];
  for (const candidate of candidates(asked, machine)) {
    if (!(await machine.runnable(candidate.file))) {
      tried.push({ candidate, why: "no such program" });
      continue;
    }
    try {
      const told = await machine.run(candidate.file, ["--version"]);
      const version = VERSION.exec(told)?.[1];
      if (version) {
        return { ...candidate, version };
      }
      tried.push({ candidate, why: "does not tell a version of switchtax" });
    } catch (error) {
      tried.push({ candidate, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { tried };
}

export function isFound(result: Found | NotFound): result is Found {
  return "version" in result;
}

/** The command that installs switchtax with its language server, by what this machine has. */
export async function installCommand(machine: Machine): Promise<string> {
  const way = machine.windows ? path.win32 : path.posix;
  const wanted = machine.windows ? '"switchtax[lsp]"' : "'switchtax[lsp]'";
  const onPath = (machine.env["PATH"] ?? machine.env["Path"] ?? "").split(way.delimiter);
  const folders = [...onPath, ...toolFolders(machine)].filter((folder) => way.isAbsolute(folder));
  const has = async (name: string): Promise<boolean> => {
    const file = machine.windows ? `${name}.exe` : name;
    const each = await Promise.all(folders.map((folder) => machine.runnable(way.join(folder, file))));
    return each.includes(true);
  };
  if (await has("uv")) {
    return `uv tool install ${wanted}`;
  }
  if (await has("pipx")) {
    return `pipx install ${wanted}`;
  }
  return machine.windows ? `py -m pip install --user ${wanted}` : `python3 -m pip install --user ${wanted}`;
}
