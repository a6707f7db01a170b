/** Text that Markdown, and HTML inside it, shows literally. */
export function text(raw: string): string {
  return raw
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>|#~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/@/g, '@\u200b');
}

/** A code span, even for text with backticks. */
export function code(raw: string): string {
  const longest = Math.max(0, ...[...raw.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = raw.includes('`') ? ' ' : '';
  return `${fence}${padding}${raw.replace(/[\r\n]+/g, ' ')}${padding}${fence}`;
}

/** Empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
