// The real agent runtime of Cursor, out of its npm package, in front of a backend of ours.
//
// The package runs as it is: its own client talks to this file's server over loopback. The server
// asks it to run hooks as Cursor's backend does (`executeHookArgs`): the runtime reads hooks.json,
// starts the commands and judges what they print. What a session begins and ends with, the runtime
// asks of its hooks by itself. One command a line on stdin, one answer a line on stdout:
//
//   {"send": {"text", "model", "params"?}}      a message; the same session once there is one
//   {"hook": "beforeSubmitPrompt", "with": {…}} a hook with these fields; {"answer", "took_s"}
//   {"end": {"inputTokens"?, …}}                the turn ends with these tokens; {"status"}
//   {"reload": true}                            the settings are read again
//
// How hooks are given their input is the host's choice, and the SDK's is a pipe. With
// `CURSOR_LAB_INPUT=here-document` that one choice is taken out, in memory: the runtime then does what
// it does where a host chooses nothing.
//
// usage: node cursor_engine.mjs .../@cursor/sdk/dist/cjs/index.js MODEL...

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Module, { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";

const [, , entry, ...models] = process.argv;
const require = createRequire(entry);
const END_OF_STREAM = 2;
const POLL_MS = 5;
const CHUNK = "342.js";
const EXECUTOR = "./src/agent/local-executor.ts";

// Answers alone go to stdout; the runtime logs there too.
for (const name of ["log", "info", "debug"]) console[name] = console.error;

const asIs = Module._extensions[".js"];
if (process.env.CURSOR_LAB_INPUT === "here-document") {
  Module._extensions[".js"] = (module, file) => {
    if (basename(file) !== CHUNK) return asIs(module, file);
    const text = readFileSync(file, "utf8");
    const chosen = text.replace("useCommandHookStdinTransport:!0", "useCommandHookStdinTransport:!1");
    if (chosen === text) throw new Error(`${file}: no choice of a transport in it`);
    return module._compile(chosen, file);
  };
}

// The package's own loader of its parts, caught when it loads the local executor: the messages
// that our server speaks are those that its client understands.
let load;
const { modules } = require(join(dirname(entry), CHUNK));
const executor = modules[EXECUTOR];
modules[EXECUTOR] = (module, exports, loader) => {
  load = loader;
  return executor(module, exports, loader);
};

function kind(file, name) {
  const made = Object.values(load(`../proto/dist/generated/${file}_pb.js`));
  return made.find((each) => each?.typeName === name);
}

function kindOf(kind, field) {
  return kind.fields.list().find((each) => each.localName === field).T;
}

// The one message inside the other that a path of fields leads to.
function nested(kind, [field, ...rest], innermost) {
  const of = kindOf(kind, field);
  const value = rest.length ? nested(of, rest, innermost) : innermost(of);
  const group = kind.fields.list().find((each) => each.localName === field).oneof;
  return new kind(group ? { [group.localName]: { case: field, value } } : { [field]: value });
}

function framed(flag, bytes) {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

const turn = { stream: null, begun: null, waiting: new Map() };

function say(message) {
  turn.stream.write(framed(0, Buffer.from(message.toBinary())));
}

function heard(bytes) {
  const { message } = kind("agent/v1/agent_service", "agent.v1.AgentClientMessage").fromBinary(bytes);
  if (message.case === "runRequest") turn.begun();
  if (message.case === "execClientMessage") {
    turn.waiting.get(message.value.id)?.(message.value.message.value);
  }
}

const SERVED = {
  "/auth/exchange_user_api_key": (response) => json(response, { accessToken: "lab" }),
  "/v1/models": (response) => json(response, { items: models.map((id) => ({ id, displayName: id })) }),
  "/agent.v1.AgentService/RunSSE": (response) => {
    response.setHeader("content-type", "application/connect+proto");
    response.flushHeaders();
    turn.stream = response;
  },
  "/aiserver.v1.BidiService/BidiAppend": (response, bytes) => {
    const of = kind("aiserver/v1/bidi", "aiserver.v1.BidiAppendRequest");
    heard(Buffer.from(of.fromBinary(bytes).data, "hex"));
    response.setHeader("content-type", "application/proto");
    response.end();
  },
};

function json(response, value) {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const serve = SERVED[request.url];
  if (serve) serve(response, Buffer.concat(chunks));
  else response.writeHead(404).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
process.env.CURSOR_BACKEND_URL = `http://127.0.0.1:${server.address().port}`;

let agent, run;

async function send({ text, model: id, params = [] }) {
  const model = { id, params };
  const begun = new Promise((resolve) => (turn.begun = resolve));
  agent ??= await require(entry).Agent.create({
    apiKey: "key_lab",
    model,
    local: { cwd: process.cwd(), settingSources: ["user"], enableAgentRetries: false },
  });
  run = await agent.send(text, { model });
  await Promise.race([begun, run.wait()]);
  if (run.status !== "running") throw new Error(`the run has ended: ${run.status}`);
  return { conversation: agent.agentId };
}

async function hook(step, fields) {
  const id = turn.waiting.size + 1;
  const answered = new Promise((resolve) => turn.waiting.set(id, resolve));
  const from = kind("agent/v1/agent_service", "agent.v1.AgentServerMessage");
  const path = ["execServerMessage", "executeHookArgs", "request", step];
  const asked = nested(from, path, (of) => of.fromJson(fields));
  Object.assign(asked.message.value, { id, execId: String(id) });
  const since = performance.now();
  say(asked);
  const { response } = await answered;
  const took_s = (performance.now() - since) / 1000;
  return { answer: response?.response.value?.toJson() ?? {}, took_s };
}

// The runtime writes a run's end down after it has told of it, and takes no message until then.
async function noted() {
  const { Agent } = require(entry);
  const written = async () => {
    const { items } = await Agent.listRuns(agent.agentId, { runtime: "local", cwd: process.cwd() });
    return items.every((each) => each.status !== "running");
  };
  while (!(await written())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

async function end(tokens) {
  const from = kind("agent/v1/agent_service", "agent.v1.AgentServerMessage");
  say(nested(from, ["interactionUpdate", "turnEnded"], (of) => of.fromJson(tokens)));
  turn.stream.end(framed(END_OF_STREAM, Buffer.from("{}")));
  const { status } = await run.wait();
  await noted();
  return { status };
}

async function answered(command) {
  if (command.send) return send(command.send);
  if (command.hook) return hook(command.hook, command.with);
  if (command.end) return end(command.end);
  await agent.reload();
  return {};
}

for await (const line of createInterface({ input: process.stdin })) {
  const told = await answered(JSON.parse(line)).catch((error) => ({ error: String(error.stack) }));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
process.exit(0);
