---@brief What the server sends, and what its commands do here.
local M = {}

---@type table<string, lsp.Handler>
M.handlers = {
  ["switchtax/meter"] = function(_, told)
    require("switchtax.meter").set(told)
  end,
  ["switchtax/briefReady"] = function(_, told)
    require("switchtax.show").brief(told)
  end,
  ["window/showMessageRequest"] = function(_, params)
    return require("switchtax.popup").answer_to(params)
  end,
  ["switchtax/popupOver"] = function(_, params)
    require("switchtax.popup").withdraw(params.message)
  end,
  -- Neovim 0.11 has no handler for it.
  ["workspace/codeLens/refresh"] = function(_, _, context)
    if require("switchtax.config").get().code_lens then
      for _, buffer in ipairs(vim.lsp.get_buffers_by_client_id(context.client_id)) do
        vim.lsp.codelens.refresh({ bufnr = buffer })
      end
    end
    return vim.NIL
  end,
}

---Commands of code lenses and code actions: their answers are shown, not only given.
---@type table<string, fun(command: lsp.Command)>
M.commands = {
  ["switchtax.estimate"] = function(command)
    require("switchtax.command").estimate((command.arguments or {})[1])
  end,
  ["switchtax.brief"] = function(command)
    require("switchtax.command").brief((command.arguments or {})[1])
  end,
}

---A file that sets models is with the server now.
---@param buffer integer
function M.attached(buffer)
  local options = require("switchtax.config").get()
  if options.inlay_hints then
    vim.lsp.inlay_hint.enable(true, { bufnr = buffer })
  end
  if options.code_lens then
    local function refresh()
      vim.lsp.codelens.refresh({ bufnr = buffer })
    end
    refresh()
    vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "BufWritePost" }, {
      group = vim.api.nvim_create_augroup("switchtax.lens." .. buffer, {}),
      buffer = buffer,
      callback = refresh,
    })
  end
end

return M
