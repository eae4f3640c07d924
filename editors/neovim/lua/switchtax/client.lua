---@brief The language client: found, started, started again when its server ends.
local M = {}

local name = "switchtax"
local again_ms = { 1000, 5000, 30000 }
---A server that has lived so long has started well.
local well_ms = 60000

---@type integer?
local started
---@type integer
local since, ended, leaving = 0, 0, false

local old = vim.fn.has("nvim-0.11") == 0

---The command, in this order: the option `cmd`, PATH, and where pipx and uv put it.
---@return string[]? command nil where there is none
function M.command()
  local given = require("switchtax.config").get().cmd
  if given then
    return given
  end
  for _, place in ipairs({ name, vim.fs.normalize("~/.local/bin/" .. name) }) do
    if vim.fn.executable(place) == 1 then
      return { place, "lsp" }
    end
  end
end

---The folder whose sessions are meant: the repository around the current folder, or that folder.
---@return string
function M.root()
  local here = assert(vim.uv.cwd())
  return vim.fs.root(here, ".git") or here
end

---@return integer?
function M.id()
  return started
end

---@return vim.lsp.Client? client nil until it is ready
function M.ready()
  local found = started and vim.lsp.get_client_by_id(started)
  return found and found.initialized and found or nil
end

---@param method string
---@param params table
local function notify(method, params)
  local client = M.ready()
  if client and old then
    client.notify(method, params) ---@diagnostic disable-line
  elseif client then
    client:notify(method, params)
  end
end

---Ask the server; the callback has its answer. What goes wrong is told to the person.
---@param method string
---@param params table
---@param callback fun(result: table)
function M.request(method, params, callback)
  local client = M.ready()
  if not client then
    vim.notify(
      "switchtax: the server does not run; see :checkhealth switchtax",
      vim.log.levels.WARN
    )
    return
  end
  local function answered(failed, result)
    if failed then
      vim.notify("switchtax: " .. failed.message, vim.log.levels.WARN)
    else
      callback(result)
    end
  end
  -- An empty table would be an empty list on the wire.
  params = next(params) and params or vim.empty_dict()
  if old then
    client.request(method, params, answered, 0) ---@diagnostic disable-line
  else
    client:request(method, params, answered, 0)
  end
end

---@param focused boolean
function M.focus(focused)
  notify("switchtax/focus", { focused = focused })
end

---The current folder is another one: so is the workspace.
function M.moved()
  local client, root = M.ready(), M.root()
  if not client or client.root_dir == root then
    return
  end
  local function folder(path)
    return { uri = vim.uri_from_fname(path), name = vim.fs.basename(path) }
  end
  local removed = client.root_dir and { folder(client.root_dir) } or {}
  notify("workspace/didChangeWorkspaceFolders", {
    event = { added = { folder(root) }, removed = removed },
  })
  client.root_dir = root
  client.workspace_folders = { folder(root) }
end

---Neovim ends: a server that ends with it is not started again.
function M.leave()
  leaving = true
end

---@param begun? fun()
local function exited(begun)
  started = nil
  require("switchtax.popup").clear()
  if leaving then
    return
  end
  ended = vim.uv.now() - since > well_ms and 1 or ended + 1
  local wait = again_ms[ended]
  local meter = require("switchtax.meter")
  meter.without_server(wait and "switchtax: starting again" or "switchtax: stopped")
  if wait then
    vim.defer_fn(function()
      M.start(begun)
    end, wait)
  end
end

---The configuration of the client, for `vim.lsp.start` and for `vim.lsp.enable`.
---@return vim.lsp.ClientConfig
function M.config()
  local able = vim.lsp.protocol.make_client_capabilities()
  able.experimental = { switchtax = { meter = true } }
  able.workspace.codeLens = { refreshSupport = true }
  return {
    name = name,
    cmd = M.command() or { name, "lsp" },
    capabilities = able,
    handlers = require("switchtax.handlers").handlers,
    commands = require("switchtax.handlers").commands,
    on_init = function()
      M.focus(#vim.api.nvim_list_uis() > 0)
    end,
    on_attach = function(_, buffer)
      require("switchtax.handlers").attached(buffer)
    end,
  }
end

---Start the server of this workspace, unless it runs.
---@param begun? fun() called once it is started, each time
function M.start(begun)
  if started or leaving then
    return
  end
  if not M.command() then
    require("switchtax.meter").without_server("switchtax: not installed")
    return
  end
  local config = M.config()
  config.root_dir = M.root()
  config.on_exit = vim.schedule_wrap(function()
    exited(begun)
  end)
  since = vim.uv.now()
  if old then
    started = vim.lsp.start_client(config) ---@diagnostic disable-line
  else
    started = vim.lsp.start(config, { attach = false })
  end
  if started and begun then
    begun()
  end
end

return M
