import type { Reporter } from 'forkpoint/extension';

/** One line for each range of lost writes, for a spreadsheet. */
const csv: Reporter = {
  fileName: 'lost-writes.csv',
  render: ({ lostRanges, lossSummary }) => {
    const head = ['writer', 'from', 'to', 'kind', 'node', 'timeline', 'cause'];
    const lines = lostRanges.map(({ writer, from, to, kind, node, timeline, cause }) =>
      [writer, from, to, kind, node, timeline, cause].map(cell).join(','),
    );
    // A result names 1,000 ranges at most.
    const rest = lossSummary?.file
      ? [`# ${lossSummary.ranges} in all, in ${lossSummary.file}`]
      : [];
    return `${[head.join(','), ...lines, ...rest].join('\n')}\n`;
  },
};
export default csv;

function cell(value: string | number | null): string {
  const text = String(value ?? '');
  return /^[\w .:/-]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
