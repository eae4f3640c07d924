/** What the language server sends and is asked; `editors/contract.json` has examples of each. */

export const METER = "switchtax/meter";
export const BRIEF_READY = "switchtax/briefReady";
export const FOCUS = "switchtax/focus";

export type State = "ok" | "idle" | "starting" | "unavailable";

export interface Meter {
  state: State;
  text: string;
  short: string;
  /** Markdown. */
  tooltip: string;
  severity: "none" | "notice" | "warning";
  session: string | null;
  /** UTC epoch seconds. */
  warm_until_at: number | null;
  sessions: number;
}

export interface Brief {
  session: string;
  title: string;
  markdown: string;
  tokens: number;
}

export interface Status {
  sessions: { id: string; text: string }[];
  meter: Meter;
}

export interface Estimate {
  session: { id: string };
  estimates: { to: string }[];
  /** A line for each estimate, in the same order. */
  text: string[];
}

export interface Accuracy {
  text: string[];
}

export type SnoozeFor = "session" | "day" | "off";

/** Which session, and which models: what a code lens or code action passes to a command. */
export interface About {
  session?: string;
  to?: string | string[];
}

/** What a request is answered with, by its method. */
export interface Answers {
  "switchtax/status": Status;
  "switchtax/estimate": Estimate;
  "switchtax/brief": Brief;
  "switchtax/accuracy": Accuracy;
}

/**
 * The documents that set models: only these are shown to the server, no code.
 *
 * The server knows the same list by its own patterns; `contract.json` has a path of each kind.
 */
export const DOCUMENTS: readonly string[] = [
  "**/.claude/settings.json",
  "**/.claude/settings.local.json",
  "**/.claude/{agents,commands,skills}/**/*.md",
  "**/{CLAUDE,CLAUDE.local,AGENTS,GEMINI}.md",
  "**/.codex/config.toml",
  "**/opencode.{json,jsonc}",
  "**/.gemini/settings.json",
  "**/.copilot/{settings,config}.json",
  "**/.github/copilot/settings.json",
  "**/.github/copilot/settings.local.json",
  "**/.aider.conf.{yml,yaml}",
];
