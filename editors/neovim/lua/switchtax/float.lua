---@brief A question in a floating window, answered by a key.
local M = {}

---@class switchtax.Float
---@field close fun()
---@field enter fun(): boolean

local least_columns, least_lines = 44, 10

---The key of each action: as configured, else the first letter of its title that is free.
---@param titles string[]
---@return string[]
function M.keys_of(titles)
  local named = require("switchtax.config").get().keys or {}
  local taken, keys = { q = true }, {}
  for place, title in ipairs(titles) do
    local key = named[title:match("^%a+") or ""]
    if not key or taken[key] then
      key = tostring(place)
      for letter in title:lower():gmatch("%l") do
        if not taken[letter] then
          key = letter
          break
        end
      end
    end
    taken[key] = true
    keys[place] = key
  end
  return keys
end

---@param question switchtax.Question
---@param keys string[]
---@return string[]
local function body(question, keys)
  local choices = {}
  for place, title in ipairs(question.titles) do
    choices[place] = ("[%s] %s"):format(keys[place], title)
  end
  local lines = vim.tbl_map(function(line)
    return " " .. line
  end, question.lines)
  vim.list_extend(lines, { "", " " .. table.concat(choices, "  ") .. "  [Esc] no opinion" })
  return lines
end

---@param lines string[]
---@return vim.api.keyset.win_config
local function place_of(lines)
  local widest = 0
  for _, line in ipairs(lines) do
    widest = math.max(widest, vim.fn.strdisplaywidth(line) + 1)
  end
  local width, height = math.min(widest, vim.o.columns - 4), 0
  for _, line in ipairs(lines) do
    height = height + math.max(1, math.ceil(vim.fn.strdisplaywidth(line) / width))
  end
  return {
    relative = "editor",
    anchor = "NE",
    row = 1,
    col = vim.o.columns - 1,
    width = width,
    height = math.min(height, vim.o.lines - 4),
    style = "minimal",
    border = "rounded",
    title = " switchtax ",
    zindex = 200,
  }
end

---@param buffer integer
---@param group integer
---@param enter fun()
local function enter_in_normal_mode(buffer, group, enter)
  local function is_normal()
    return vim.api.nvim_get_mode().mode == "n" and vim.fn.getcmdwintype() == ""
  end
  if is_normal() then
    enter()
    return
  end
  vim.api.nvim_create_autocmd("ModeChanged", {
    group = group,
    pattern = "*:n",
    callback = function()
      -- Scheduled: some commands pass through normal mode on their way.
      vim.schedule(function()
        if vim.api.nvim_buf_is_valid(buffer) and is_normal() then
          enter()
        end
      end)
    end,
  })
end

---Show a question.
---@param question switchtax.Question
---@param answer fun(choice?: integer)
---@return switchtax.Float? float nil where the screen has no room
function M.open(question, answer)
  if vim.o.columns < least_columns or vim.o.lines < least_lines then
    return nil
  end
  local options = require("switchtax.config").get()
  local keys = M.keys_of(question.titles)
  local lines = body(question, keys)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].filetype = "switchtax"
  local opened, window = pcall(vim.api.nvim_open_win, buffer, false, place_of(lines))
  if not opened then
    vim.api.nvim_buf_delete(buffer, { force = true })
    return nil
  end
  vim.wo[window].wrap = true
  vim.wo[window].linebreak = true
  local group = vim.api.nvim_create_augroup("switchtax.popup", {})
  local went_in_at ---@type integer?
  local function enter()
    went_in_at = went_in_at or vim.uv.now()
    vim.api.nvim_set_current_win(window)
  end
  local function choose(choice)
    return function()
      went_in_at = went_in_at or vim.uv.now() -- the person went in by a window command
      if vim.uv.now() - went_in_at >= options.grace_ms then
        answer(choice)
      end
    end
  end
  local function map(key, choice)
    vim.keymap.set("n", key, choose(choice), { buffer = buffer, nowait = true, silent = true })
  end
  for place, key in ipairs(keys) do
    map(tostring(place), place)
    map(key, place)
  end
  map("<Esc>", nil)
  map("q", nil)
  vim.api.nvim_create_autocmd("WinClosed", {
    group = group,
    pattern = tostring(window),
    callback = function()
      vim.schedule(answer)
    end,
  })
  if options.enter then
    enter_in_normal_mode(buffer, group, enter)
  end
  return {
    close = function()
      vim.api.nvim_del_augroup_by_id(group)
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_close(window, true)
      end
    end,
    enter = function()
      vim.cmd.stopinsert()
      enter()
      return true
    end,
  }
end

return M
