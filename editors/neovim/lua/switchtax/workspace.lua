---@brief One workspace, one server: what of Neovim the server is told of.
local M = {}

local begun = false

---Send a buffer that sets models to the server.
---@param buffer integer
local function consider(buffer)
  local client = require("switchtax.client")
  local named = vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buftype == ""
  if
    named
    and require("switchtax.documents").sets_models(vim.api.nvim_buf_get_name(buffer))
    and client.id()
  then
    vim.lsp.buf_attach_client(buffer, client.id() --[[@as integer]])
  end
end

---Start the server, and tell it of focus, folder and files from now on. A second call does nothing.
function M.begin()
  if begun then
    return
  end
  begun = true
  local client = require("switchtax.client")
  local group = vim.api.nvim_create_augroup("switchtax", {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on({ "BufReadPost", "BufNewFile", "BufFilePost" }, function(event)
    consider(event.buf)
  end)
  on("FocusGained", function()
    client.focus(true)
  end)
  on("FocusLost", function()
    client.focus(false)
  end)
  on("DirChanged", client.moved)
  on("VimLeavePre", client.leave)
  vim.keymap.set({ "n", "i", "t", "v" }, "<Plug>(switchtax-answer)", function()
    require("switchtax").answer()
  end, { desc = "Go into the question of switchtax" })
  client.start(function()
    vim.tbl_map(consider, vim.api.nvim_list_bufs())
  end)
end

return M
