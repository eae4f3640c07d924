// switchtax for Copilot CLI: what a switch of the model costs, said when it is chosen.
//
// One file, nothing to install; a process of its own beside Copilot CLI, which starts it where
// experimental features are on. It asks the switchtax daemon of this user over its socket and waits
// at most DEADLINE_MS in which it can listen. No prompt waits for it, whatever fails.
// Put here by `switchtax setup copilot-cli`, and taken away by `switchtax setup copilot-cli --undo`.

import { joinSession } from "@github/copilot-sdk/extension"

// editors/common/daemon.js

const AGENT = "copilot-cli"
/** What Copilot CLI writes to its log at a choice, and the name of the question here. */
const CHANGED = "session.model_change"
/** What is said before the terminal shows the session is gone once it does. */
const HISTORY_SHOWN_MS = 500

// -- Copilot CLI --------------------------------------------------------------------------

/** Work that neither throws nor rejects, whatever it meets. */
const quietly = (work) => async (...given) => {
  try {
    await work(...given)
  } catch {}
}

/** Say what the next call's model costs; ask where the daemon wants that, and set it back on no. */
async function chosen(session, { newModel = "", previousModel, previousReasoningEffort } = {}) {
  const told = await ask(CHANGED, {
    sessionId: session.sessionId,
    file: session.workspacePath ? path.join(session.workspacePath, "events.jsonl") : "",
    model: newModel,
    can_ask: Boolean(previousModel && session.capabilities?.ui?.elicitation),
  })
  if (typeof told.question === "string" && previousModel) {
    if (await session.ui.confirm(told.question)) return
    await session.setModel(previousModel, { reasoningEffort: previousReasoningEffort })
  } else if (Array.isArray(told.lines) && told.lines.length) {
    await session.log(told.lines.join("\n"), { level: "warning", ephemeral: true })
  }
}

await quietly(async () => {
  const session = await joinSession()
  session.on(
    CHANGED,
    quietly(async (event) => {
      // What we set back ourselves, and what a sub-agent runs on, nobody has chosen.
      if (event.agentId || ["sdk", "agent"].includes(event.data?.source)) return
      await chosen(session, event.data)
    }),
  )
  setTimeout(() => quietly(chosen)(session), HISTORY_SHOWN_MS)
})()
