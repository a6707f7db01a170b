import type { Reporter } from 'forkpoint/extension';

/** One line for each range of lost writes, for a spreadsheet. */
const csv: Reporter = {
  fileName: 'lost-writes.csv',
  render: ({ lostRanges }) => {
    const head = ['writer', 'from', 'to', 'kind', 'node', 'timeline', 'cause'];
    const lines = lostRanges.map(({ writer, from, to, kind, node, timeline, cause }) =>
      [writer, from, to, kind, node, timeline, cause].map(cell).join(','),
    );
    return `${[head.join(','), ...lines].join('\n')}\n`;
  },
};
export default csv;

function cell(value: string | number | null): string {
  const text = String(value ?? '');
  return /^[\w .:/-]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
