/**
 * The server's questions. VS Code cannot take a message back, so an answer that comes after the
 * server has stopped waiting is told to be without effect instead of vanishing.
 */

import * as vscode from "vscode";
import { MessageType } from "vscode-languageclient/node";
import type { CancellationToken, MessageActionItem, ShowMessageRequestParams } from "vscode-languageclient/node";

import { words } from "./words";

export async function ask(
  params: ShowMessageRequestParams,
  token: CancellationToken,
): Promise<MessageActionItem | null> {
  const chosen = await show(params);
  if (chosen && token.isCancellationRequested) {
    void vscode.window.showInformationMessage(words.tooLate());
    return null;
  }
  return chosen ?? null;
}

function show(params: ShowMessageRequestParams): Thenable<MessageActionItem | undefined> {
  const actions = params.actions ?? [];
  switch (params.type) {
    case MessageType.Error:
      return vscode.window.showErrorMessage(params.message, ...actions);
    case MessageType.Warning:
      return vscode.window.showWarningMessage(params.message, ...actions);
    default:
      return vscode.window.showInformationMessage(params.message, ...actions);
  }
}
