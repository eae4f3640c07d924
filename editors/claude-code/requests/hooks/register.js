// Sees the model of each request of the main conversation before it is sent, and asks where a
// switch reached no other hook (--resume --model). A person at a terminal answers; whatever goes
// wrong, the request goes out as it came. Claude Code 2.1.287 or later.

const EVENT = 'BeforeRequest'

let session = null // what Claude Code tells its hooks of it: id, transcript, folder
let isInteractive = false
let last = '' // the model of the last request that went out as it came
let kept = null // { instead, model }: requests to the first go to the second

async function choice($, model) {
  const given = JSON.stringify({ ...session, hook_event_name: EVENT, to_model: model })
  const ran = await $.process.run(['sh', `${$.plugin.root}/hooks/ask.sh`, EVENT], {
    stdin: given,
    timeoutMs: 1000,
  })
  if (!ran.stdout) return ''
  const said = JSON.parse(ran.stdout)
  if (!said.question) return ''
  const answer = await $.ui.ask(said.question, {
    header: 'switchtax',
    options: [said.go, said.keep],
  })
  return answer === said.keep ? said.model : ''
}

export function register(on) {
  on('session.start', async ($, e, next) => {
    isInteractive = e.isInteractive === true && e.surface === 'terminal'
    return next(e)
  }).catch(($, e, next) => next(e))

  on('classic.SessionStart', async ($, e, next) => {
    session = { session_id: e.session_id, transcript_path: e.transcript_path, cwd: e.cwd }
    last = ''
    kept = null
    return next(e)
  }).catch(($, e, next) => next(e))

  on('config.set', async ($, e, next) => {
    if (e.key === 'model') kept = null
    return next(e)
  }).catch(($, e, next) => next(e))

  on('turn.step', async function* ($, e, next) {
    if (!isInteractive || session === null || e.agentId !== undefined) return yield* next(e)
    if (kept !== null && kept.instead === e.model) return yield* next({ ...e, model: kept.model })
    if (e.index !== 0 || e.model === last) return yield* next(e)
    let keep = ''
    try {
      keep = await choice($, e.model)
    } catch {
      keep = '' // nobody answered, or nobody could be asked
    }
    if (keep) {
      kept = { instead: e.model, model: keep }
      return yield* next({ ...e, model: keep })
    }
    last = e.model
    return yield* next(e)
  }).catch(async function* ($, e, next) {
    return yield* next(e)
  })
}
