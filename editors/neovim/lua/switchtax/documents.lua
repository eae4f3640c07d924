---@brief Files that set models: the same list as the server's, so that no other file is sent to it.
local M = {}

local patterns = {
  "/%.claude/settings%.json$",
  "/%.claude/settings%.local%.json$",
  "/%.claude/agents/.*%.md$",
  "/%.claude/commands/.*%.md$",
  "/%.claude/skills/.*%.md$",
  "/CLAUDE%.md$",
  "/CLAUDE%.local%.md$",
  "/AGENTS%.md$",
  "/GEMINI%.md$",
  "/%.codex/config%.toml$",
  "/opencode%.jsonc?$",
  "/%.gemini/settings%.json$",
  "/%.copilot/settings%.json$",
  "/%.copilot/config%.json$",
  "/%.github/copilot/settings%.json$",
  "/%.github/copilot/settings%.local%.json$",
  "/%.aider%.conf%.ya?ml$",
}

---Whether a file of this name sets models.
---@param name string
---@return boolean
function M.sets_models(name)
  local path = "/" .. vim.fs.normalize(name)
  for _, pattern in ipairs(patterns) do
    if path:find(pattern) then
      return true
    end
  end
  return false
end

return M
