---@brief The meter as the server last told it.
local M = {}

---@class switchtax.Meter
---@field state "ok"|"idle"|"starting"|"unavailable"
---@field text string
---@field short string
---@field tooltip string Markdown.
---@field severity "none"|"notice"|"warning"
---@field session? string
---@field warm_until_at? number Seconds since 1970.
---@field sessions integer

local groups = { notice = "SwitchtaxNotice", warning = "SwitchtaxWarning" }
local nothing = { short = "switchtax", tooltip = "", severity = "none", sessions = 0 }

---@type switchtax.Meter
local current = vim.tbl_extend("force", nothing, { state = "starting", text = "" })

vim.api.nvim_set_hl(0, "SwitchtaxNotice", { link = "DiagnosticInfo", default = true })
vim.api.nvim_set_hl(0, "SwitchtaxWarning", { link = "DiagnosticWarn", default = true })

---@return switchtax.Meter
function M.now()
  return current
end

---@param told switchtax.Meter
function M.set(told)
  local known = {}
  for name, value in pairs(told) do
    known[name] = value ~= vim.NIL and value or nil
  end
  current = known
  vim.cmd.redrawstatus({ bang = true })
  vim.api.nvim_exec_autocmds("User", { pattern = "SwitchtaxMeter", modeline = false })
end

---Say that the server itself is not there.
---@param text string
function M.without_server(text)
  M.set(vim.tbl_extend("force", nothing, { state = "unavailable", text = text, tooltip = text }))
end

---@return string? group The highlight group, where colour matters.
function M.group()
  return groups[current.severity]
end

---@return string
function M.statusline()
  local text = current.text:gsub("%%", "%%%%")
  local group = M.group()
  return group and ("%%#%s#%s%%*"):format(group, text) or text
end

return M
