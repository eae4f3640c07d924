/** The one owner of the status bar item: nobody else writes to it. */

import * as vscode from "vscode";

import type { Meter } from "./contract";
import { spaced } from "./markdown";
import { words } from "./words";

/** What stands in the way of a meter. */
export type Trouble = "starting" | "missing" | "incomplete" | "stopped";

export type Length = "full" | "short" | "off";

const PRIORITY = 90;
const LINKS = ["estimate", "brief", "status", "accuracy", "snooze"] as const;

export class StatusMeter implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private shown: Meter | undefined;
  private trouble: Trouble = "starting";
  private length: Length = "full";

  constructor() {
    this.item = vscode.window.createStatusBarItem(
      "switchtax.meter",
      vscode.StatusBarAlignment.Left,
      PRIORITY,
    );
    this.item.name = "switchtax";
    this.draw();
  }

  /** What the server says. */
  show(meter: Meter): void {
    this.shown = meter;
    this.draw();
  }

  /** There is no server that says anything. */
  fail(trouble: Trouble): void {
    this.shown = undefined;
    this.trouble = trouble;
    this.draw();
  }

  setLength(length: Length): void {
    this.length = length;
    this.draw();
  }

  get session(): string | null {
    return this.shown?.session ?? null;
  }

  dispose(): void {
    this.item.dispose();
  }

  private draw(): void {
    if (this.length === "off") {
      this.item.hide();
      return;
    }
    if (this.shown) {
      this.drawMeter(this.shown);
    } else {
      this.drawTrouble();
    }
    this.item.show();
  }

  private drawMeter(meter: Meter): void {
    const text = this.length === "short" ? meter.short : meter.text;
    this.item.text = `$(pulse) ${text}`;
    this.item.tooltip = withLinks(meter);
    this.item.backgroundColor =
      meter.severity === "warning"
        ? new vscode.ThemeColor("statusBarItem.warningBackground")
        : undefined;
    this.item.accessibilityInformation = { label: `switchtax: ${meter.text}`, role: "button" };
    this.item.command = "switchtax.menu";
  }

  private drawTrouble(): void {
    const said = {
      starting: { text: words.starting(), tooltip: words.starting(), command: "switchtax.menu" },
      missing: {
        text: words.missing(),
        tooltip: words.missingTooltip(),
        command: "switchtax.install",
      },
      incomplete: {
        text: words.incomplete(),
        tooltip: words.incompleteTooltip(),
        command: "switchtax.install",
      },
      stopped: {
        text: words.stopped(),
        tooltip: words.stoppedTooltip(),
        command: "switchtax.restart",
      },
    }[this.trouble];
    this.item.text = `$(pulse) ${said.text}`;
    this.item.tooltip = said.tooltip;
    this.item.command = said.command;
    this.item.backgroundColor = undefined;
    this.item.accessibilityInformation = { label: said.text, role: "button" };
  }
}

/** The server's table, and below it the actions; only our own commands may be linked. */
function withLinks(meter: Meter): vscode.MarkdownString {
  const found = new vscode.MarkdownString(spaced(meter.tooltip));
  found.isTrusted = { enabledCommands: LINKS.map((name) => `switchtax.${name}`) };
  if (meter.session !== null) {
    const links = LINKS.map((name) => `[${title(name)}](command:switchtax.${name})`);
    found.appendMarkdown(`\n\n${links.join(" · ")}`);
  }
  return found;
}

function title(name: (typeof LINKS)[number]): string {
  return words[name]();
}
