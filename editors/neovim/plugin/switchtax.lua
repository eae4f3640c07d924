-- The command alone: everything else is loaded when it is wanted.
if vim.g.loaded_switchtax then
  return
end
vim.g.loaded_switchtax = true

vim.api.nvim_create_user_command("Switchtax", function(call)
  require("switchtax.command").run(call.fargs)
end, {
  nargs = "*",
  desc = "What switching the model of a coding-agent session costs",
  complete = function(_, line)
    return require("switchtax.command").complete(line)
  end,
})
