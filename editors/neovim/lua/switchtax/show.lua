---@brief Answers on the screen.
local M = {}

---A read-only floating window, closed by q or Esc.
---@param lines string[]
---@param filetype? string
function M.panel(lines, filetype)
  local text = #lines > 0 and lines or { "switchtax: nothing to show" }
  local buffer = vim.lsp.util.open_floating_preview(text, filetype or "text", {
    border = "rounded",
    title = " switchtax ",
    focus_id = "switchtax",
    max_width = 100,
    wrap = true,
  })
  for _, key in ipairs({ "q", "<Esc>" }) do
    vim.keymap.set("n", key, "<Cmd>close<CR>", { buffer = buffer, nowait = true, silent = true })
  end
end

---A brief in a buffer of its own, belonging to no file.
---@param told { title: string, markdown: string }
function M.brief(told)
  vim.cmd("botright new")
  local buffer = vim.api.nvim_get_current_buf()
  vim.bo[buffer].buftype = "nofile"
  vim.bo[buffer].bufhidden = "hide"
  vim.bo[buffer].swapfile = false
  local lines = vim.split(told.markdown, "\n", { plain = true })
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modified = false
  pcall(vim.api.nvim_buf_set_name, buffer, told.title) -- a second one of that name has none
  vim.bo[buffer].filetype = "markdown"
end

return M
