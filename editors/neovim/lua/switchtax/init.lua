---@brief What people call: nothing here loads more than it needs.
local M = {}

---Start with Neovim, with these options. Without it, `vim.lsp.enable("switchtax")` starts with
---the first file that has a type.
---@param options? switchtax.Options
function M.setup(options)
  if options then
    require("switchtax.config").set(options)
  end
  require("switchtax.start").with_neovim()
end

---The meter as plain text, "" before there is one: for any status line plugin.
---@return string
function M.meter()
  local meter = package.loaded["switchtax.meter"]
  return meter and meter.now().text or ""
end

---The meter for 'statusline', in colour when it matters:
---`vim.o.statusline = "%f %= %{%v:lua.require'switchtax'.statusline()%} "`
---@return string
function M.statusline()
  local meter = package.loaded["switchtax.meter"]
  return meter and meter.statusline() or ""
end

---All that the server has told for the meter, or nil: to build a display of your own. The event
---`User SwitchtaxMeter` says that it has changed.
---@return switchtax.Meter?
function M.state()
  local meter = package.loaded["switchtax.meter"]
  return meter and meter.now() or nil
end

---Go into the question on the screen, from any mode. Also as `<Plug>(switchtax-answer)`.
---@return boolean went false where nothing is asked
function M.answer()
  local popup = package.loaded["switchtax.popup"]
  return popup ~= nil and popup.enter()
end

return M
