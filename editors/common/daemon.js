// What every plugin of one file has: how it asks the daemon of this user. `switchtax setup` puts it
// in place of the line that names it, and before it `const AGENT`, the agent's name.

import { spawn } from "node:child_process"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"

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
