-- For `vim.lsp.enable("switchtax")` of Neovim 0.11. The server serves the workspace whatever
-- file is open, for the meter and its questions; only files that set models are sent to it.
local client = require("switchtax.client")

---@type vim.lsp.Config
return vim.tbl_extend("force", client.config(), {
  root_dir = function(buffer, on_dir)
    require("switchtax.workspace").begin()
    if require("switchtax.documents").sets_models(vim.api.nvim_buf_get_name(buffer)) then
      on_dir(client.root())
    end
  end,
})
