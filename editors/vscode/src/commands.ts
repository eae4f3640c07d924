/** What a person can ask for, and how it is shown. */

import * as vscode from "vscode";

import type { About, Brief, SnoozeFor } from "./contract";
import { installCommand } from "./find";
import type { Machine } from "./find";
import type { Server } from "./server";
import { words } from "./words";

const SCHEME = "switchtax";

interface Choice<T> extends vscode.QuickPickItem {
  value: T;
}

export class Commands implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly parts: vscode.Disposable[] = [];
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly server: Server,
    private readonly machine: Machine,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const all: Record<string, (about?: About) => Promise<void>> = {
      menu: () => this.menu(),
      status: () => this.status(),
      estimate: (about) => this.estimate(about),
      brief: (about) => this.brief(about),
      accuracy: () => this.accuracy(),
      snooze: () => this.snooze(),
      setup: () => this.setup(),
      install: () => this.install(),
      restart: () => this.server.start(),
      walkthrough: () => openWalkthrough(),
    };
    for (const [name, work] of Object.entries(all)) {
      const guarded = (about?: About): Promise<void> => this.guarded(() => work(about));
      this.parts.push(vscode.commands.registerCommand(`switchtax.${name}`, guarded));
    }
    this.parts.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this));
    this.parts.push(vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === SCHEME) {
        this.texts.delete(uri.path);
      }
    }));
  }

  /** What fails says why, in the server's own sentence. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.info(reason);
      void vscode.window.showInformationMessage(words.failed(reason));
    }
  }

  /** Whether requests can be made now; if not, it is said what to do. */
  private async ready(): Promise<boolean> {
    if (this.server.isReady) {
      return true;
    }
    if (this.server.notFound) {
      await this.install();
    } else {
      void vscode.window.showInformationMessage(words.notReady());
    }
    return false;
  }

  private async menu(): Promise<void> {
    const names = ["estimate", "brief", "status", "accuracy", "snooze", "setup"] as const;
    const details = {
      estimate: words.estimateDetail(),
      brief: words.briefDetail(),
      status: words.statusDetail(),
      accuracy: words.accuracyDetail(),
      snooze: words.snoozeDetail(),
      setup: words.setupDetail(),
    };
    const icons = {
      estimate: "arrow-swap",
      brief: "note",
      status: "list-unordered",
      accuracy: "target",
      snooze: "bell-slash",
      setup: "gear",
    };
    const items = names.map((name): Choice<string> => ({
      label: `$(${icons[name]}) ${words[name]()}`,
      description: details[name],
      value: name,
    }));
    const chosen = await pick(items, words.menuTitle());
    if (chosen !== undefined) {
      await vscode.commands.executeCommand(`switchtax.${chosen}`);
    }
  }

  private async status(): Promise<void> {
    if (!(await this.ready())) {
      return;
    }
    const { sessions } = await this.server.ask("switchtax/status", {});
    if (!sessions.length) {
      void vscode.window.showInformationMessage(words.noSessions());
      return;
    }
    const items = sessions.map(({ id, text }): Choice<string> => {
      const [label, ...rest] = text.split(" · ");
      return { label: label ?? id, description: rest.join(" · "), value: id };
    });
    const session = await pick(items, words.chooseSession());
    if (session !== undefined) {
      await this.estimate({ session });
    }
  }

  private async estimate(about: About = {}): Promise<void> {
    if (!(await this.ready())) {
      return;
    }
    const told = await this.server.ask("switchtax/estimate", only(about));
    const items = told.text.map((line, number): Choice<string | undefined> => {
      const [label, ...rest] = line.split(": ");
      const detail = rest.join(": ");
      return { label: label ?? line, description: detail, value: told.estimates[number]?.to };
    });
    if (!items.length) {
      void vscode.window.showInformationMessage(words.noEstimates());
      return;
    }
    const to = await pick(items, words.chooseModel());
    if (to !== undefined) {
      await this.brief({ session: told.session.id, to });
    }
  }

  private async brief(about: About = {}): Promise<void> {
    if (await this.ready()) {
      await showBrief(await this.server.ask("switchtax/brief", only(about)));
    }
  }

  private async accuracy(): Promise<void> {
    if (!(await this.ready())) {
      return;
    }
    const { text } = await this.server.ask("switchtax/accuracy", {});
    const path = `/${words.accuracyTitle()} ${new Date().toISOString().slice(0, 19).replace(/:/g, ".")}`;
    this.texts.set(path, text.join("\n") + "\n");
    await vscode.window.showTextDocument(vscode.Uri.from({ scheme: SCHEME, path }), { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? "";
  }

  private async snooze(): Promise<void> {
    if (!(await this.ready())) {
      return;
    }
    const items: Choice<SnoozeFor>[] = [
      { label: words.snoozeSession(), description: words.snoozeSessionDetail(), value: "session" },
      { label: words.snoozeDay(), description: words.snoozeDayDetail(), value: "day" },
      { label: words.snoozeOff(), description: words.snoozeOffDetail(), value: "off" },
    ];
    const scope = await pick(items, words.snoozeTitle());
    if (scope !== undefined) {
      await this.server.snooze(scope);
      const said = scope === "off" ? words.asksAgain() : words.snoozed();
      void vscode.window.showInformationMessage(said);
    }
  }

  private async setup(): Promise<void> {
    const { found } = this.server;
    if (!found) {
      await this.install();
      return;
    }
    const items: Choice<string>[] = [
      { label: words.setupClaude(), description: words.setupClaudeDetail(), value: "claude-code" },
      { label: words.setupPreview(), value: "claude-code --dry-run" },
      { label: words.setupDaemon(), description: words.setupDaemonDetail(), value: "daemon" },
    ];
    const what = await pick(items, words.setupTitle());
    if (what !== undefined) {
      const terminal = vscode.window.createTerminal({ name: words.setupTerminal() });
      terminal.show();
      terminal.sendText(`${quoted(found.file, this.machine.windows)} setup ${what}`, true);
    }
  }

  /** Nothing is installed by itself: the command is shown, and typed without Enter. */
  private async install(): Promise<void> {
    const { found } = this.server;
    const said = found ? words.withoutServer(found.file) : words.notFound();
    const command = await installCommand(this.machine);
    const actions = [words.install(), words.whereLooked(), words.setPath(), words.lookAgain()];
    const chosen = await vscode.window.showInformationMessage(`${said} ${command}`, ...actions);
    switch (chosen) {
      case words.install(): {
        const terminal = vscode.window.createTerminal({ name: words.installTerminal() });
        terminal.show();
        terminal.sendText(command, false);
        void vscode.window.showInformationMessage(words.installHint());
        break;
      }
      case words.whereLooked():
        this.tellWhere();
        break;
      case words.setPath():
        await vscode.commands.executeCommand("workbench.action.openSettings", "switchtax.path");
        break;
      case words.lookAgain():
        await this.server.start();
        break;
    }
  }

  private tellWhere(): void {
    for (const { candidate, why } of this.server.notFound?.tried ?? []) {
      this.log.info(`${candidate.place}: ${candidate.file}: ${why}`);
    }
    this.log.show(true);
  }

  dispose(): void {
    this.parts.forEach((part) => void part.dispose());
  }
}

export async function showBrief(brief: Brief): Promise<void> {
  const made = { language: "markdown", content: brief.markdown };
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(made));
}

export async function openWalkthrough(): Promise<void> {
  const id = "switchtax.switchtax#start";
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", id, false);
}

async function pick<T>(items: Choice<T>[], title: string): Promise<T | undefined> {
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: title,
    matchOnDescription: true,
  });
  return chosen?.value;
}

/** What a code lens or code action names, and nothing else that a caller may have passed. */
function only(about: About): { session?: string; to?: string | string[] } {
  const found: { session?: string; to?: string | string[] } = {};
  if (typeof about.session === "string") {
    found.session = about.session;
  }
  if (typeof about.to === "string" || Array.isArray(about.to)) {
    found.to = about.to;
  }
  return found;
}

function quoted(file: string, windows: boolean): string {
  if (windows) {
    return `& "${file}"`;
  }
  return /^[\w./@+-]+$/.test(file) ? file : `'${file.replace(/'/g, "'\\''")}'`;
}
