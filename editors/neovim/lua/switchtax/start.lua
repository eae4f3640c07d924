---@brief Starting with Neovim, after its screen stands.
local M = {}

---Start now, or once Neovim has entered.
function M.with_neovim()
  local function begin()
    vim.schedule(function()
      require("switchtax.workspace").begin()
    end)
  end
  if vim.v.vim_did_enter == 1 then
    begin()
  else
    vim.api.nvim_create_autocmd("VimEnter", { once = true, callback = begin })
  end
end

return M
