---@brief The options, each with its default.
local M = {}

---@class switchtax.Options
---@field cmd? string[] The command that starts the language server; found if not given.
---@field popup? "float"|"select" How questions are asked: in a floating window, or by vim.ui.select.
---@field enter? boolean Go into the floating window as soon as Neovim is in normal mode.
---@field grace_ms? integer Milliseconds after going in before a key is taken, against accidents.
---@field keys? table<string, string> Key of each action, by its first word; numbers always work.
---@field inlay_hints? boolean Price and window behind models in files that set them.
---@field code_lens? boolean What a switch of the live sessions costs, above those models.

---@class switchtax.Config: switchtax.Options
local defaults = {
  cmd = nil,
  popup = "float",
  enter = true,
  grace_ms = 300,
  keys = { Switch = "s", Keep = "k", Brief = "b", Snooze = "z" },
  inlay_hints = true,
  code_lens = true,
}

local current = defaults

---@return switchtax.Config
function M.get()
  return current
end

---@param options switchtax.Options
function M.set(options)
  vim.validate({
    cmd = { options.cmd, "table", true },
    popup = {
      options.popup,
      function(value)
        return value == nil or value == "float" or value == "select"
      end,
      '"float" or "select"',
    },
    enter = { options.enter, "boolean", true },
    grace_ms = { options.grace_ms, "number", true },
    keys = { options.keys, "table", true },
    inlay_hints = { options.inlay_hints, "boolean", true },
    code_lens = { options.code_lens, "boolean", true },
  })
  for name in pairs(options) do
    if name ~= "cmd" and defaults[name] == nil then
      error(("switchtax: there is no option %q; see :help switchtax-options"):format(name), 0)
    end
  end
  current = vim.tbl_deep_extend("force", defaults, options)
end

return M
