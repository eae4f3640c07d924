/** Every sentence that this extension says itself; what a switch costs is said by the server. */

import { l10n } from "vscode";

export const words = {
  starting: () => l10n.t("switchtax …"),
  missing: () => l10n.t("switchtax: not installed"),
  missingTooltip: () =>
    l10n.t("The switchtax command was not found. Click to install it, or to see where was looked."),
  incomplete: () => l10n.t("switchtax: language server missing"),
  incompleteTooltip: () =>
    l10n.t("switchtax is installed without its language server. Click to see the command that adds it."),
  stopped: () => l10n.t("switchtax: stopped"),
  stoppedTooltip: () => l10n.t("The language server ended; it is started again by itself."),

  notFound: () => l10n.t("switchtax was not found on this machine."),
  withoutServer: (path: string) => l10n.t("{0} has no language server.", path),
  install: () => l10n.t("Install…"),
  whereLooked: () => l10n.t("Where was looked"),
  setPath: () => l10n.t("Set the path"),
  lookAgain: () => l10n.t("Look again"),
  installTerminal: () => l10n.t("Install switchtax"),
  installHint: () => l10n.t("The command stands in the terminal. Press Enter there to run it."),

  menuTitle: () => l10n.t("switchtax: what to do"),
  estimate: () => l10n.t("Estimate"),
  estimateDetail: () => l10n.t("What switching to another model costs now"),
  status: () => l10n.t("Sessions"),
  statusDetail: () => l10n.t("All live agent sessions on this machine"),
  brief: () => l10n.t("Brief…"),
  briefDetail: () => l10n.t("A ticket for a new session, as a Markdown document"),
  accuracy: () => l10n.t("Accuracy"),
  accuracyDetail: () => l10n.t("How the estimates that were shown came true"),
  snooze: () => l10n.t("Snooze"),
  snoozeDetail: () => l10n.t("No questions for a while; the meter goes on"),
  setup: () => l10n.t("Setup"),
  setupDetail: () => l10n.t("Put switchtax into an agent's settings, in a terminal"),

  chooseSession: () => l10n.t("Choose a session to see what a switch would cost it"),
  noSessions: () => l10n.t("No agent session was used within the last hour."),
  chooseModel: () => l10n.t("What a switch costs now. Choose a model to have a brief written for it"),
  noEstimates: () => l10n.t("There is no other model to compare with."),

  snoozeTitle: () => l10n.t("No questions about switches"),
  snoozeSession: () => l10n.t("This session"),
  snoozeSessionDetail: () => l10n.t("For an hour, unless the configuration says otherwise"),
  snoozeDay: () => l10n.t("All sessions, today"),
  snoozeDayDetail: () => l10n.t("Until four in the morning"),
  snoozeOff: () => l10n.t("Ask again"),
  snoozeOffDetail: () => l10n.t("Ends both"),
  snoozed: () => l10n.t("switchtax asks nothing here for now; the meter goes on."),
  asksAgain: () => l10n.t("switchtax asks again."),

  setupTitle: () => l10n.t("Set up switchtax for"),
  setupClaude: () => l10n.t("Claude Code"),
  setupClaudeDetail: () => l10n.t("Hooks and the status line; nothing of it can block the agent"),
  setupPreview: () => l10n.t("Claude Code, only show what would change"),
  setupDaemon: () => l10n.t("The daemon as a service"),
  setupDaemonDetail: () => l10n.t("Without it the daemon starts when somebody needs it"),
  setupTerminal: () => l10n.t("switchtax setup"),

  notReady: () => l10n.t("switchtax is not ready yet. Try again in a moment."),
  failed: (reason: string) => l10n.t("switchtax: {0}", reason),
  tooLate: () =>
    l10n.t("That question is over, so the answer changed nothing: the switch went through, or it was answered elsewhere."),
  accuracyTitle: () => l10n.t("Accuracy of switchtax"),
};
