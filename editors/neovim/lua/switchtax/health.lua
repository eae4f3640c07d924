---@brief `:checkhealth switchtax`.
local M = {}

local install = "pip install 'switchtax[lsp]', or set the option cmd"

---@param command string[]
local function check_version(command)
  local asked = vim.list_slice(command, 1, math.max(1, #command - 1))
  table.insert(asked, "--version")
  local started, process = pcall(vim.system, asked, { text = true })
  local done = started and process:wait(5000)
  if not done then
    vim.health.error(command[1] .. " does not start", { install })
  elseif done.code == 0 then
    vim.health.ok(("%s: %s"):format(vim.fn.exepath(command[1]), vim.trim(done.stdout)))
  else
    vim.health.error(command[1] .. " failed: " .. vim.trim(done.stderr), { install })
  end
end

local function check_server()
  local client = require("switchtax.client").ready()
  if not client then
    local ways = { 'require("switchtax").setup{}', 'vim.lsp.enable("switchtax") on 0.11' }
    vim.health.warn("the language server does not run", ways)
    return
  end
  vim.health.ok("the language server runs for " .. (client.root_dir or "no folder"))
  local meter = require("switchtax.meter").now()
  if meter.state == "unavailable" then
    vim.health.warn(meter.tooltip, { "switchtax daemon logs", "switchtax doctor" })
  else
    vim.health.ok(("meter: %s (%d sessions in this workspace)"):format(meter.text, meter.sessions))
  end
end

function M.check()
  vim.health.start("switchtax")
  if vim.fn.has("nvim-0.10") == 1 then
    vim.health.ok("Neovim " .. tostring(vim.version()))
  else
    vim.health.error("Neovim 0.10 or later is needed")
    return
  end
  local command = require("switchtax.client").command()
  if not command then
    vim.health.error("switchtax is not found on PATH or in ~/.local/bin", { install })
    return
  end
  check_version(command)
  check_server()
end

return M
