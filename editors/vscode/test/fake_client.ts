/** The language client's library, with a server that a test plays. */

export const CloseAction = { DoNotRestart: 1 };
export const ErrorAction = { Continue: 1 };
export const RevealOutputChannelOn = { Never: 4 };
export const MessageType = { Error: 1, Warning: 2, Info: 3 };
export const ExecuteCommandRequest = { type: { method: "workspace/executeCommand" }, method: "workspace/executeCommand" };
export const ShowMessageRequest = { type: { method: "window/showMessageRequest" } };

type Handler = (value: unknown) => void;

export class LanguageClient {
  static made: LanguageClient[] = [];
  static fails = false;
  features: { fillClientCapabilities?(able: object): void; registrationType?: { method: string } }[] = [];
  hears = new Map<string, Handler>();
  notified: [string, unknown][] = [];
  running = false;
  disposed = false;

  constructor(
    _id: string,
    _name: string,
    readonly program: () => Promise<unknown>,
    readonly clientOptions: {
      documentSelector: { pattern: string }[];
      errorHandler: { closed(): { action: number; handled: boolean } };
      middleware: { provideHover(document: never, position: never, token: never, next: () => Promise<unknown>): Promise<unknown> };
    },
  ) {
    LanguageClient.made.push(this);
  }

  registerFeature(feature: object): void {
    this.features.push(feature);
  }
  error(_message: string, _data?: unknown, _show?: boolean | "force"): void {}
  onNotification(method: string, heard: Handler): void {
    this.hears.set(method, heard);
  }
  onRequest(type: { method: string }, heard: Handler): void {
    this.hears.set(type.method, heard);
  }
  async start(): Promise<void> {
    if (LanguageClient.fails) {
      throw new Error("no answer to initialize");
    }
    this.running = true;
  }
  isRunning(): boolean {
    return this.running;
  }
  async sendNotification(method: string, params: unknown): Promise<void> {
    this.notified.push([method, params]);
  }
  async dispose(): Promise<void> {
    this.running = false;
    this.disposed = true;
  }
}
