/** The language server of one window: found, started, started again, and asked. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { homedir } from "node:os";

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  RevealOutputChannelOn,
  ShowMessageRequest,
} from "vscode-languageclient/node";
import type {
  ClientCapabilities,
  DynamicFeature,
  LanguageClientOptions,
  ServerOptions,
  StaticFeature,
} from "vscode-languageclient/node";

import { BRIEF_READY, DOCUMENTS, FOCUS, METER } from "./contract";
import type { Answers, Brief, Meter, SnoozeFor } from "./contract";
import { find, isFound } from "./find";
import type { Asked, Found, Machine, NotFound } from "./find";
import { spaced } from "./markdown";
import type { StatusMeter } from "./meter";
import { ask } from "./popups";

/** `switchtax lsp` ends with this where the libraries of the server are not installed. */
const INCOMPLETE = 4;
const AGAIN_MS = [1_000, 2_000, 5_000, 15_000, 60_000];
/** A server that lived so long has not failed at its start. */
const LIVED_MS = 60_000;
const STOP_MS = 2_000;

export interface Hooks {
  asked(): Asked;
  machine: Machine;
  meter: StatusMeter;
  log: vscode.LogOutputChannel;
  brief(brief: Brief): void;
  missing(): void;
}

/** The library's client, silent, and without commands of the server's: ours have their names. */
export class QuietClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const type = "registrationType" in feature ? feature.registrationType : undefined;
    if (type?.method !== ExecuteCommandRequest.method) {
      super.registerFeature(feature);
    }
  }

  /** The status bar tells what is amiss; a message at every start would be a nuisance. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server implements vscode.Disposable {
  private client: QuietClient | undefined;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failed = 0;
  /** Grows with each start: what an earlier one still says is not heard. */
  private round = 0;
  found: Found | undefined;
  notFound: NotFound | undefined;

  constructor(private readonly hooks: Hooks) {}

  /** Find the command and start it; what ran before is ended. */
  async start(): Promise<void> {
    const round = ++this.round;
    await this.end();
    this.hooks.meter.fail("starting");
    const result = await find(this.hooks.asked(), this.hooks.machine);
    if (round !== this.round) {
      return;
    }
    if (!isFound(result)) {
      this.notFound = result;
      this.found = undefined;
      this.hooks.log.warn(`not found; looked at ${result.tried.length} places`);
      this.hooks.meter.fail("missing");
      this.hooks.missing();
      return;
    }
    this.found = result;
    this.notFound = undefined;
    this.hooks.log.info(`${result.file} (${result.place}), version ${result.version}`);
    await this.serve(result, round);
  }

  private async serve(found: Found, round: number): Promise<void> {
    const started = Date.now();
    const over = (): void => {
      if (round === this.round) {
        this.failed = Date.now() - started > LIVED_MS ? 0 : this.failed;
        this.again(round);
      }
    };
    const options = this.options(over);
    const client = new QuietClient("switchtax", "switchtax", this.program(found), options);
    this.client = client;
    client.registerFeature(showsMeter());
    client.onNotification(METER, (meter: Meter) => this.hooks.meter.show(meter));
    client.onNotification(BRIEF_READY, (brief: Brief) => this.hooks.brief(brief));
    client.onRequest(ShowMessageRequest.type, ask);
    try {
      await client.start();
      this.focus(vscode.window.state.focused);
    } catch (error) {
      this.hooks.log.warn(`did not start: ${error instanceof Error ? error.message : String(error)}`);
      over();
    }
  }

  private again(round: number): void {
    clearTimeout(this.timer);
    if (this.child?.exitCode === INCOMPLETE) {
      this.hooks.meter.fail("incomplete");
      return;
    }
    this.hooks.meter.fail("stopped");
    const wait = AGAIN_MS[Math.min(this.failed, AGAIN_MS.length - 1)];
    this.failed += 1;
    this.timer = setTimeout(() => {
      if (round === this.round) {
        void this.start();
      }
    }, wait);
  }

  private program(found: Found): ServerOptions {
    return () => {
      this.child = spawn(found.file, ["lsp"], { cwd: homedir(), windowsHide: true });
      return Promise.resolve(this.child);
    };
  }

  private options(over: () => void): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS.map((pattern) => ({ scheme: "file", pattern })),
      outputChannel: this.hooks.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: { focused: vscode.window.state.focused, meter: "notification" },
      initializationFailedHandler: () => false,
      middleware: {
        provideHover: async (document, position, token, next) => {
          const hover = await next(document, position, token);
          for (const each of hover?.contents ?? []) {
            if (each instanceof vscode.MarkdownString) {
              each.value = spaced(each.value);
            }
          }
          return hover;
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          over();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
  }

  get isReady(): boolean {
    return this.client?.isRunning() ?? false;
  }

  /** Ask the server; rejects with its sentence. */
  async ask<M extends keyof Answers>(method: M, params: object): Promise<Answers[M]> {
    if (!this.client) {
      throw new Error("no server");
    }
    return this.client.sendRequest<Answers[M]>(method, params);
  }

  /** No questions about the session of this workspace, or about any; "off" ends both. */
  async snooze(scope: SnoozeFor): Promise<void> {
    await this.client?.sendRequest(ExecuteCommandRequest.type, {
      command: "switchtax.snooze",
      arguments: [{ for: scope }],
    });
  }

  focus(focused: boolean): void {
    if (this.isReady) {
      void this.client?.sendNotification(FOCUS, { focused });
    }
  }

  private async end(): Promise<void> {
    clearTimeout(this.timer);
    const { client, child } = this;
    this.client = this.child = undefined;
    if (!client) {
      return;
    }
    try {
      await client.dispose(STOP_MS);
    } catch {
      child?.kill();
    }
  }

  async stop(): Promise<void> {
    this.round += 1;
    await this.end();
  }

  dispose(): void {
    void this.stop();
  }
}

/** Says in `initialize` that this editor shows the meter itself. */
function showsMeter(): StaticFeature {
  return {
    fillClientCapabilities(capabilities: ClientCapabilities): void {
      const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
      capabilities.experimental = { ...experimental, switchtax: { meter: true } };
    },
    initialize(): void {},
    getState: () => ({ kind: "static" }),
    clear(): void {},
  };
}
