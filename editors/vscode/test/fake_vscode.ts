/** As much of the editor as the extension uses, with a record of what was done to it. */

type Listener = (value: unknown) => void;

export interface Item {
  text: string;
  tooltip: unknown;
  name: string;
  command: string;
  backgroundColor: ThemeColor | undefined;
  visible: boolean;
  show(): void;
  hide(): void;
  dispose(): void;
}

export class ThemeColor {
  constructor(readonly id: string) {}
}

export class MarkdownString {
  isTrusted: { enabledCommands: string[] } | undefined;
  constructor(public value: string) {}
  appendMarkdown(text: string): void {
    this.value += text;
  }
}

export const StatusBarAlignment = { Left: 1 };
export const Uri = { from: (parts: { scheme: string; path: string }) => parts };
export const l10n = {
  t: (text: string, ...values: string[]) => text.replace(/\{(\d)\}/g, (_, n: string) => values[Number(n)] ?? ""),
};

/** What a test prepares and looks at. */
export const seen = {
  items: [] as Item[],
  messages: [] as string[],
  picks: [] as { label: string; description?: string; value?: unknown }[][],
  sent: [] as { text: string; enter: boolean }[],
  opened: [] as unknown[],
  executed: [] as unknown[][],
  commands: new Map<string, (...args: unknown[]) => Promise<void>>(),
  /** Which button of a message, and which row of a list, the person takes. */
  button: (_message: string, _titles: string[]): string | undefined => undefined,
  row: (_labels: string[]): number | undefined => undefined,
  reset(): void {
    this.items = [];
    this.messages = [];
    this.picks = [];
    this.sent = [];
    this.opened = [];
    this.executed = [];
    this.commands.clear();
    this.button = () => undefined;
    this.row = () => undefined;
  },
};

async function message(text: string, ...actions: (string | { title: string })[]): Promise<unknown> {
  seen.messages.push(text);
  const titles = actions.map((each) => (typeof each === "string" ? each : each.title));
  const chosen = seen.button(text, titles);
  return actions.find((each) => (typeof each === "string" ? each : each.title) === chosen);
}

export const window = {
  state: { focused: true },
  showInformationMessage: message,
  showWarningMessage: message,
  showErrorMessage: message,
  createStatusBarItem(): Item {
    const item: Item = {
      text: "",
      tooltip: undefined,
      name: "",
      command: "",
      backgroundColor: undefined,
      visible: false,
      show: () => (item.visible = true),
      hide: () => (item.visible = false),
      dispose: () => undefined,
    };
    seen.items.push(item);
    return item;
  },
  async showQuickPick(items: { label: string }[]): Promise<unknown> {
    seen.picks.push(items);
    const row = seen.row(items.map(({ label }) => label));
    return row === undefined ? undefined : items[row];
  },
  createTerminal: () => ({
    show: () => undefined,
    sendText: (text: string, enter: boolean) => seen.sent.push({ text, enter }),
  }),
  async showTextDocument(document: unknown): Promise<void> {
    seen.opened.push(document);
  },
};

export const commands = {
  registerCommand(name: string, work: (...args: unknown[]) => Promise<void>) {
    seen.commands.set(name, work);
    return { dispose: () => seen.commands.delete(name) };
  },
  async executeCommand(...args: unknown[]): Promise<void> {
    seen.executed.push(args);
  },
};

export const workspace = {
  registerTextDocumentContentProvider: () => ({ dispose: () => undefined }),
  onDidCloseTextDocument: (_: Listener) => ({ dispose: () => undefined }),
  openTextDocument: async (made: unknown) => made,
};
