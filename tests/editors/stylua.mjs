// Lua files formatted as .stylua.toml says; `--check` names those that are not.
// node stylua.mjs FOLDER_OF_NODE_MODULES [--check] FILE…
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, ...rest] = process.argv.slice(2);
const stylua = createRequire(modules + "/")("@johnnymorganz/stylua");
const check = rest[0] === "--check";
let unformatted = 0;
for (const file of check ? rest.slice(1) : rest) {
  const config = stylua.Config.new();
  config.column_width = 100;
  config.indent_type = stylua.IndentType.Spaces;
  config.indent_width = 2;
  const before = readFileSync(file, "utf8");
  const after = stylua.formatCode(before, config, undefined, stylua.OutputVerification.Full);
  if (after === before) continue;
  unformatted += 1;
  console.log(file);
  if (!check) writeFileSync(file, after);
}
process.exitCode = check && unformatted ? 1 : 0;
