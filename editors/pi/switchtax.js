// switchtax for pi: what a switch of the model costs, said when it is chosen, and the meter.
//
// One file, nothing to install. It asks the switchtax daemon of this user over its socket and
// waits at most DEADLINE_MS in which it can listen. Whatever fails, pi goes on as if this file
// were not here.
// Put here by `switchtax setup pi`, and taken away by `switchtax setup pi --undo`.

// editors/common/daemon.js

const AGENT = "pi"
const KEY = "switchtax"
/** Cycling through models fires an event for each: only where one stops is a choice. */
const CYCLE_SETTLES_MS = 600
/** What is said while a session is taken up again is gone once pi shows its history. */
const HISTORY_SHOWN_MS = 500

// -- pi -----------------------------------------------------------------------------------

export default function switchtax(pi) {
  let returning = false
  let settling
  /** The model before the first of a row of choices. */
  let before

  const sessionOf = (ctx) => ({
    session_id: ctx.sessionManager.getSessionId(),
    file: ctx.sessionManager.getSessionFile() || "",
  })

  const questionOf = (ctx, model) => ({
    ...sessionOf(ctx),
    provider: model.provider,
    model: model.id,
    attended: ctx.mode === "tui",
  })

  const showMeter = async (ctx) => {
    if (!ctx.hasUI) return
    const { file } = sessionOf(ctx)
    if (!file) return
    const line = await exchange({ client: "statusline", input: { transcript_path: file } })
    ctx.ui.setStatus(KEY, line || undefined)
  }

  const say = (ctx, told) => {
    if (!Array.isArray(told.lines) || !told.lines.length) return
    const text = told.lines.join("\n")
    if (ctx.hasUI) ctx.ui.notify(text, "warning")
    else if (ctx.mode === "print" && process.stderr.isTTY) process.stderr.write(`${text}\n`)
  }

  const chosen = async (event, ctx) => {
    const told = await ask("model_select", questionOf(ctx, event.model))
    say(ctx, told)
    const { title, message } = told.question ?? {}
    const previous = before
    before = undefined
    if (typeof title === "string" && typeof message === "string" && previous) {
      if (!(await ctx.ui.confirm(title, message))) {
        returning = true
        try {
          await pi.setModel(previous)
        } finally {
          returning = false
        }
      }
    }
    await showMeter(ctx)
  }

  const quietly = (work) => async (event, ctx) => {
    try {
      await work(event, ctx)
    } catch {}
  }

  pi.on(
    "model_select",
    quietly(async (event, ctx) => {
      clearTimeout(settling)
      if (returning || !event.model) return
      before ??= event.previousModel
      if (event.source !== "cycle") return chosen(event, ctx)
      settling = setTimeout(() => quietly(chosen)(event, ctx), CYCLE_SETTLES_MS)
      settling.unref?.()
    }),
  )
  pi.on(
    "session_start",
    quietly(async (_, ctx) => {
      const told = ctx.model ? await ask("session_start", questionOf(ctx, ctx.model)) : {}
      if (ctx.hasUI) setTimeout(() => quietly(() => say(ctx, told))(), HISTORY_SHOWN_MS)
      else say(ctx, told)
      await showMeter(ctx)
    }),
  )
  pi.on("turn_end", quietly((_, ctx) => showMeter(ctx)))
  pi.on("session_shutdown", () => clearTimeout(settling))
}
