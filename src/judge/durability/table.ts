import type { Durability, DurabilityRow } from '../../contracts/durability.ts';

const marks = { ok: 'ok', risk: 'RISK', defect: 'DEFECT', unknown: '?' };

/** The whole table as text of a terminal: one block per setting, never wider than the terminal makes it. */
export function durabilityTable({ promise, rows, problems }: Durability): string {
  const width = Math.max(...rows.map(({ setting }) => setting.length), 0);
  const indent = ' '.repeat(8 + width);
  return [
    `A failover or a crash may lose: ${promise.text}`,
    '',
    ...rows.map((row) => {
      const head = `${marks[row.level].padEnd(6)}  ${row.setting.padEnd(width)}`;
      return `${head}  ${valueOf(row)}\n${indent}  ${row.promise}`;
    }),
    ...(problems.length === 0 ? [] : ['', ...problems.map((problem) => `not read: ${problem}`)]),
    '',
  ].join('\n');
}

function valueOf({ value, differs }: DurabilityRow): string {
  const others = differs.map(({ node, value: other }) => `${node}: ${other || "''"}`);
  return others.length === 0 ? value : `${value} (${others.join(', ')})`;
}
