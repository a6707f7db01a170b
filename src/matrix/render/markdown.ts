import type { MatrixResult } from '../../contracts/matrix.ts';
import { columns, columnsOf, countsOf, reasonsOf, seconds, versionsOf } from './columns.ts';

/** matrix.md: a terminal shows it too, so its columns are padded. */
export function matrixMarkdown(result: MatrixResult): string {
  const { scenario, claim, axes, cells, seed, durationMs, reproduce } = result;
  const head = [...axes.map(({ key }) => key), ...columns];
  const rows = cells.map((cell) => [...cell.values, ...columnsOf(cell)]);
  const reasons = reasonsOf(result).map(
    ({ labels, reason }) => `- ${labels.map(literal).join(', ')}: ${oneLine(reason)}`,
  );
  return [
    `# What ${literal(scenario)} loses, promised and observed`,
    '',
    oneLine(claim),
    '',
    ...table(head, rows),
    '',
    ...(reasons.length === 0 ? [] : [...reasons, '']),
    `${cells.length} cells: ${countsOf(result)}. ${versionsOf(result)}; seed ${seed}; ${seconds(durationMs)}.`,
    '',
    `Reproduce: ${literal(reproduce)}`,
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map(inCell));
  const widths = head.map((_, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = cells;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(first), rule, ...rest.map(line)];
}

/** A bar would end the cell, and a `<` would start a tag. */
function inCell(text: string): string {
  return oneLine(text).replaceAll('|', '\\|');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().replaceAll('<', '&lt;');
}

/** As code, even with backticks in the text. */
function literal(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
