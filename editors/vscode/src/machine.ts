/** This machine, as `find` needs it. */

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { homedir } from "node:os";

import type { Machine } from "./find";

const VERSION_MS = 5_000;

async function runnable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Not in the workspace: Python would look for modules there.
    const options = { timeout: VERSION_MS, cwd: homedir(), windowsHide: true };
    const child = execFile(file, [...args], options, (error, stdout) => {
      if (error) {
        reject(new Error(error.killed ? `no answer in ${VERSION_MS / 1000} s` : firstLine(error)));
      } else {
        resolve(stdout);
      }
    });
    child.stdin?.end();
  });
}

function firstLine(error: Error): string {
  return error.message.split("\n", 1)[0] ?? "";
}

export function thisMachine(): Machine {
  return {
    env: process.env,
    home: homedir(),
    windows: process.platform === "win32",
    runnable,
    run,
  };
}
