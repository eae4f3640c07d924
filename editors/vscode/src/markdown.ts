/** What the server says in Markdown, as VS Code shows it best. */

/** VS Code sets the columns of a table hard against each other. */
export function spaced(markdown: string): string {
  return markdown.replace(/(?<=\S) \| (?=\S)/g, "&nbsp;&nbsp; | ");
}
