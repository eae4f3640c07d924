---@brief The component "switchtax" of lualine: `sections = { lualine_x = { "switchtax" } }`.
local component = require("lualine.component"):extend()

function component:init(options)
  options.color = options.color
    or function()
      local meter = package.loaded["switchtax.meter"]
      return meter and meter.group() or nil
    end
  component.super.init(self, options)
end

function component:update_status() -- luacheck: no self
  local text = require("switchtax").meter():gsub("%%", "%%%%")
  return text
end

return component
