// switchtax for Copilot CLI: what a switch of the model costs, said when it is chosen.
//
// One file, nothing to install; a process of its own beside Copilot CLI, which starts it where
// experimental features are on. It asks the switchtax daemon of this user over its socket and waits
// at most DEADLINE_MS in which it can listen. No prompt waits for it, whatever fails.
// Put here by `switchtax setup copilot-cli`, and taken away by `switchtax setup copilot-cli --undo`.

import { spawn } from "node:child_process"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"

import { joinSession } from "@github/copilot-sdk/extension"

const AGENT = "copilot-cli"
/** What Copilot CLI writes to its log at a choice, and the name of the question here. */
const CHANGED = "session.model_change"
/** What is said before the terminal shows the session is gone once it does. */
const HISTORY_SHOWN_MS = 500

// -- the daemon ---------------------------------------------------------------------------

/** Has switchtax: starts the daemon where none answers. Filled in by the set-up. */
const PYTHON = ""
const DEADLINE_MS = 300
const LATE_MS = 50
const START_AGAIN_MS = 15_000
const LONGEST = 4 << 20
const env = process.env
const user = typeof process.getuid === "function" ? process.getuid() : -1

/** Where the daemon may have written its address, likeliest first; as hooks/client.py. */
function runtimeFolders() {
  if (env.XDG_RUNTIME_DIR) return [path.join(env.XDG_RUNTIME_DIR, "switchtax")]
  const temporary = [env.TMPDIR, env.TEMP, env.TMP, "/tmp", "/var/tmp", "/usr/tmp"]
  return temporary.filter(Boolean).map((each) => path.join(each, `switchtax-${user}`))
}

/** Whether a folder is ours and nobody else can write to it. */
function isSafe(folder) {
  const seen = fs.lstatSync(folder)
  return seen.uid === user && (seen.mode & 0o170077) === 0o040000
}

/** The socket's path; "" without a daemon. */
function address() {
  for (const folder of runtimeFolders()) {
    try {
      if (isSafe(folder)) return fs.readFileSync(path.join(folder, "current"), "utf8").trim()
    } catch {}
  }
  return ""
}

/** Start a daemon that outlives us, at most one attempt in START_AGAIN_MS; don't wait. */
function startDaemon() {
  if (!PYTHON || user < 0) return
  for (const folder of runtimeFolders()) {
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
      if (!isSafe(folder)) continue
      const note = path.join(folder, "tried")
      const tried = fs.statSync(note, { throwIfNoEntry: false })
      const age = tried && tried.size ? Date.now() - tried.mtimeMs : -1
      if (age >= 0 && age < START_AGAIN_MS) return
      fs.writeFileSync(note, "x", { mode: 0o600 })
    } catch {
      continue
    }
    const words = ["-m", "switchtax", "daemon", "start"]
    const daemon = spawn(PYTHON, words, { detached: true, stdio: "ignore" })
    daemon.on("error", () => {})
    daemon.unref()
    return
  }
}

/** The daemon's answer to one message, as text; "" where there is none in time. Never rejects. */
function exchange(message) {
  return new Promise((resolve) => {
    let socket
    const end = (text) => {
      clearTimeout(timer)
      if (socket) socket.destroy()
      resolve(text || "")
    }
    // Where the agent itself was busy all the while, the answer may lie there unread.
    const due = performance.now() + DEADLINE_MS
    let timer = setTimeout(() => {
      if (performance.now() < due + LATE_MS) return end()
      timer = setTimeout(end, DEADLINE_MS)
    }, DEADLINE_MS)
    const nobody = () => {
      end()
      try {
        startDaemon()
      } catch {}
    }
    try {
      const where = user < 0 ? "" : address()
      if (!where) return nobody()
      const body = Buffer.from(JSON.stringify({ agent: AGENT, client: "plugin", env: {}, ...message }))
      const head = Buffer.alloc(9)
      head.write("SWTX1", "latin1")
      head.writeUInt32BE(body.length, 5)
      let got = Buffer.alloc(0)
      socket = net.createConnection({ path: where })
      socket.on("connect", () => socket.write(Buffer.concat([head, body])))
      socket.on("error", nobody)
      socket.on("close", () => end())
      socket.on("data", (part) => {
        got = Buffer.concat([got, part])
        const size = got.length < 4 ? 0 : got.readUInt32BE(0)
        if (size > LONGEST) end()
        else if (size && got.length >= 4 + size) end(got.toString("utf8", 4, 4 + size))
      })
    } catch {
      end()
    }
  })
}

/** What the daemon says to an event: an object, empty for "no opinion". Never rejects. */
async function ask(event, input) {
  try {
    const told = JSON.parse(await exchange({ event, input }))
    return told && typeof told === "object" ? told : {}
  } catch {
    return {}
  }
}

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
