/** switchtax in VS Code: one server, one status bar item, some commands. */

import * as vscode from "vscode";

import { Commands, openWalkthrough, showBrief } from "./commands";
import type { Asked } from "./find";
import { thisMachine } from "./machine";
import { StatusMeter } from "./meter";
import type { Length } from "./meter";
import { Server } from "./server";

const STARTED = "started";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("switchtax", { log: true });
  const meter = new StatusMeter();
  const machine = thisMachine();
  const started = (server = new Server({
    asked,
    machine,
    meter,
    log,
    brief: (brief) => void showBrief(brief),
    missing: () => void offerOnce(context),
  }));
  meter.setLength(length());
  context.subscriptions.push(
    log,
    meter,
    started,
    new Commands(started, machine, log),
    vscode.window.onDidChangeWindowState(({ focused }) => started.focus(focused)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void started.start()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("switchtax.path")) {
        void started.start();
      }
      meter.setLength(length());
    }),
    vscode.window.onDidCloseTerminal(() => {
      if (started.notFound) {
        void started.start(); // it may have been installed there
      }
    }),
  );
  void started.start();
  await welcome(context);
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

function asked(): Asked {
  const trusted = vscode.workspace.isTrusted;
  const folders = trusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  return {
    // In a workspace that is not trusted VS Code gives the user's own value of this one.
    setting: vscode.workspace.getConfiguration("switchtax").get<string>("path", "").trim(),
    folders: folders.filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath),
  };
}

function length(): Length {
  return vscode.workspace.getConfiguration("switchtax").get<Length>("meter", "full");
}

/** The walkthrough, at the very first start, unless the user has turned walkthroughs off. */
async function welcome(context: vscode.ExtensionContext): Promise<void> {
  if (context.globalState.get<boolean>(STARTED)) {
    return;
  }
  await context.globalState.update(STARTED, true);
  const pages = vscode.workspace.getConfiguration("workbench.welcomePage.walkthroughs");
  if (pages.get<boolean>("openOnInstall", true)) {
    await openWalkthrough();
  }
}

/** Once a machine it is said with a message that the command is missing; then the status bar says it. */
async function offerOnce(context: vscode.ExtensionContext): Promise<void> {
  if (!context.globalState.get<boolean>("offered")) {
    await context.globalState.update("offered", true);
    await vscode.commands.executeCommand("switchtax.install");
  }
}
