---@brief `:Switchtax` and its subcommands.
local M = {}

---@param command string
---@param argument table
---@param callback fun(result: table)
local function execute(command, argument, callback)
  local params = { command = command, arguments = { argument } }
  require("switchtax.client").request("workspace/executeCommand", params, callback)
end

---@param params? { session?: string, to?: string|string[] }
function M.estimate(params)
  require("switchtax.client").request("switchtax/estimate", params or {}, function(found)
    require("switchtax.show").panel(found.text)
  end)
end

---@param params? { session?: string, to?: string }
function M.brief(params)
  require("switchtax.client").request("switchtax/brief", params or {}, function(found)
    require("switchtax.show").brief(found)
  end)
end

---@class switchtax.Subcommand
---@field arguments string
---@field says string
---@field run fun(arguments: string[])
---@field offers? string[]

---@type table<string, switchtax.Subcommand>
M.subcommands = {
  status = {
    arguments = "",
    says = "All live sessions, and this workspace's with what a switch would cost.",
    run = function()
      require("switchtax.client").request("switchtax/status", {}, function(found)
        local lines = vim.split(found.meter.tooltip, "\n", { plain = true })
        for _, session in ipairs(found.sessions) do
          table.insert(lines, 1, session.text)
        end
        require("switchtax.show").panel(lines, "markdown")
      end)
    end,
  },
  estimate = {
    arguments = "[MODEL…]",
    says = "What switching this workspace's newest session costs; without a model, to those that make sense.",
    run = function(models)
      M.estimate(#models > 0 and { to = models } or nil)
    end,
  },
  brief = {
    arguments = "[MODEL]",
    says = "A brief for whoever goes on with the session, in a buffer of its own.",
    run = function(models)
      M.brief(models[1] and { to = models[1] } or nil)
    end,
  },
  accuracy = {
    arguments = "",
    says = "How the estimates that were shown came true.",
    run = function()
      require("switchtax.client").request("switchtax/accuracy", {}, function(found)
        require("switchtax.show").panel(found.text)
      end)
    end,
  },
  snooze = {
    arguments = "[session|day|off]",
    says = "No questions for this session (without a word), for a day, or again from now on.",
    offers = { "session", "day", "off" },
    run = function(words)
      execute("switchtax.snooze", { ["for"] = words[1] or "session" }, function()
        local said = words[1] == "off" and "switchtax asks again" or "switchtax asks nothing now"
        vim.notify(said)
      end)
    end,
  },
  answer = {
    arguments = "",
    says = "Go into the question on the screen.",
    run = function()
      if not require("switchtax").answer() then
        vim.notify("switchtax: nothing is asked now")
      end
    end,
  },
}

---@return string[]
local function names()
  return vim.fn.sort(vim.tbl_keys(M.subcommands))
end

---@param words string[]
function M.run(words)
  local name = words[1] or "status"
  local found = M.subcommands[name]
  if found then
    found.run(vim.list_slice(words, 2))
  else
    local known = table.concat(names(), ", ")
    vim.notify(
      ("switchtax: no subcommand %q (there are: %s)"):format(name, known),
      vim.log.levels.ERROR
    )
  end
end

---@param line string
---@return string[]
function M.complete(line)
  local words = vim.split(line, "%s+")
  local offers = #words == 2 and names() or (M.subcommands[words[2]] or {}).offers or {}
  return vim.tbl_filter(function(offer)
    return #words <= 3 and vim.startswith(offer, words[#words])
  end, offers)
end

return M
