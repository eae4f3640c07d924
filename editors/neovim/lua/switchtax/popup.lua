---@brief Questions of the server, one at a time; no answer is no opinion.
local M = {}

---@class switchtax.Question
---@field message string By it a question is withdrawn: the id of a request is not told to handlers.
---@field lines string[]
---@field titles string[]
---@field answer fun(choice?: integer) Called once.

---@type switchtax.Question[]
local waiting = {}
---@type switchtax.Question?
local asked
---@type switchtax.Float?
local float

local next_question

---@param question switchtax.Question
---@param choice? integer
local function over(question, choice)
  if asked ~= question then
    return
  end
  local shown = float
  asked, float = nil, nil
  if shown then
    shown.close()
  end
  question.answer(choice)
  next_question()
end

---@param question switchtax.Question
local function by_select(question)
  local options = { prompt = table.concat(question.lines, " "), kind = "switchtax" }
  vim.ui.select(question.titles, options, function(_, choice)
    over(question, choice)
  end)
end

next_question = function()
  if asked or #waiting == 0 then
    return
  end
  local question = table.remove(waiting, 1)
  asked = question
  if require("switchtax.config").get().popup == "float" then
    float = require("switchtax.float").open(question, function(choice)
      over(question, choice)
    end)
  end
  if not float then
    by_select(question)
  end
end

---Ask, and answer the request `window/showMessageRequest` with the action chosen.
---@param params { message: string, actions?: { title: string }[] }
---@return any action vim.NIL for no opinion
function M.answer_to(params)
  local actions = params.actions or {}
  if #vim.api.nvim_list_uis() == 0 or #actions == 0 then
    return vim.NIL -- nobody looks, or there is nothing to choose
  end
  local here = coroutine.running()
  table.insert(waiting, {
    message = params.message,
    lines = vim.split(params.message, "\n", { plain = true }),
    titles = vim.tbl_map(function(action)
      return action.title
    end, actions),
    answer = function(choice)
      vim.schedule(function()
        coroutine.resume(here, choice and actions[choice] or vim.NIL)
      end)
    end,
  })
  vim.schedule(next_question)
  return coroutine.yield()
end

---A question is over without an answer from here.
---@param message string
function M.withdraw(message)
  if asked and asked.message == message then
    over(asked)
    return
  end
  for place, question in ipairs(waiting) do
    if question.message == message then
      table.remove(waiting, place).answer()
      return
    end
  end
end

---Nobody waits for any answer more.
function M.clear()
  local all = waiting
  waiting = {}
  for _, question in ipairs(all) do
    question.answer()
  end
  if asked then
    over(asked)
  end
end

---Go into the floating window.
---@return boolean went
function M.enter()
  return float ~= nil and float.enter()
end

return M
