// switchtax for OpenCode 1.x: what a switch of the model costs, said before the prompt goes out.
//
// One file, nothing to install. It asks the switchtax daemon of this user over its socket and
// waits at most DEADLINE_MS in which it can listen. Whatever fails, OpenCode goes on as if this file
// were not here.
// Put here by `switchtax setup opencode`, and taken away by `switchtax setup opencode --undo`.

import os from "node:os"

// editors/common/daemon.js

const AGENT = "opencode"
const TOAST_MS = 12_000
const PICK_SETTLES_MS = 150
/** Commands of OpenCode before which nobody sits: a prompt that is stopped there would be lost. */
const ALONE = new Set(["run", "serve", "acp", "github"])
/** Agents of OpenCode's own, whose calls are no turn of the person. */
const CHORES = new Set(["title", "summary", "compaction"])

// -- OpenCode -----------------------------------------------------------------------------

function folderOf(variable, ...otherwise) {
  return path.join(env[variable] || path.join(os.homedir(), ...otherwise), "opencode")
}

/** OpenCode's database: the daemon need not look for the session then. */
function database() {
  const named = env.OPENCODE_DB
  return path.resolve(folderOf("XDG_DATA_HOME", ".local", "share"), named || "opencode.db")
}

/** A hook that neither throws nor takes long, whatever it meets. */
function quietly(hook) {
  return async (...given) => {
    try {
      await hook(...given)
    } catch {}
  }
}

export const Switchtax = async ({ client }) => {
  const isAlone = ALONE.has(process.argv[2])
  /** Reasons to stop the next call of a session, by its id. */
  const stops = new Map()
  /** Sessions that were prompted, the last one last, and those among them of sub-agents. */
  const prompted = new Set()
  const children = new Set()

  const show = async (toast) => {
    if (typeof toast.message !== "string") return
    const body = { duration: TOAST_MS, variant: "warning", ...toast }
    if (process.argv[2] === "run" && process.stderr.isTTY) {
      process.stderr.write(`${body.title}: ${body.message}\n`)
    }
    const shown = client.tui.showToast({ body }).catch(() => {})
    await Promise.race([shown, new Promise((late) => setTimeout(late, DEADLINE_MS))])
  }

  const questionOf = (session, model) => ({
    session_id: session,
    database: database(),
    provider: model.providerID,
    model: model.modelID,
    attended: !isAlone,
  })

  const watchPicks = () => {
    const folder = folderOf("XDG_STATE_HOME", ".local", "state")
    const chosen = () => {
      const { recent } = JSON.parse(fs.readFileSync(path.join(folder, "model.json"), "utf8"))
      return recent?.[0]?.modelID ? recent[0] : undefined
    }
    const nameOf = (model) => (model ? `${model.providerID}/${model.modelID}` : "")
    let known = ""
    try {
      known = nameOf(chosen())
    } catch {}
    const look = quietly(async () => {
      const model = chosen()
      if (!model || nameOf(model) === known) return
      known = nameOf(model)
      const session = [...prompted].reverse().find((each) => !children.has(each))
      if (!session) return
      const told = await ask("model.picked", questionOf(session, model))
      if (told.toast) await show(told.toast)
    })
    let settling
    const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
      if (name && !String(name).startsWith("model.json")) return
      clearTimeout(settling)
      settling = setTimeout(look, PICK_SETTLES_MS)
    })
    watcher.on("error", () => {})
  }

  try {
    if (!isAlone) watchPicks()
  } catch {}
  void ask("plugin.start", {})

  return {
    // What a person chooses is never meant for a sub-agent's session.
    event: quietly(async ({ event }) => {
      const { id, parentID } = event.properties?.info ?? {}
      if (id && parentID) children.add(id)
    }),
    "chat.message": quietly(async (input, output) => {
      const session = input.sessionID
      const message = output?.message ?? {}
      const model = input.model ?? message.model
      if (!session || !model?.modelID) return
      prompted.delete(session)
      prompted.add(session)
      stops.delete(session)
      const told = await ask("chat.message", questionOf(session, model))
      if (typeof told.stop === "string" && told.stop && message.id) {
        stops.set(session, { message: message.id, why: told.stop })
      }
      if (told.toast) await show(told.toast)
    }),
    // The only place where a reason reaches the person; thrown in chat.message, the typed
    // prompt would be lost.
    "chat.params": async (input) => {
      const stop = stops.get(input?.sessionID)
      if (!stop || CHORES.has(input.agent) || input.message?.id !== stop.message) return
      stops.delete(input.sessionID)
      throw new Error(stop.why)
    },
  }
}
