/* Saves what the page holds as CSV, and narrows the table of lost writes by node and writer. Runs in the reader's browser. */
(() => {
  'use strict';
  const { name, lostHead, lost } = JSON.parse(document.getElementById('download-data').textContent);
  const charts = document.getElementById('chart-data');

  /** RFC 4180. A cell that a spreadsheet would take for a formula is text to it by a quote in front. */
  function quoted(value) {
    const text = value === null || value === undefined ? '' : String(value);
    const safe = typeof value === 'string' && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  const csv = (head, rows) =>
    [head, ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');

  function series() {
    const data = JSON.parse(charts.textContent);
    const names = ['acknowledged', 'errors', 'p50', 'p99', 'max'];
    const head = ['at_s', 'acknowledged_per_s', 'errors_per_s', 'p50_ms', 'p99_ms', 'max_ms'];
    const rows = data.acknowledged.map((_, index) => [
      +(data.start + index * data.step).toFixed(3),
      ...names.map((each) => data[each][index]),
    ]);
    return csv(head, rows);
  }
  const contents = { lost: () => csv(lostHead, lost), series };

  for (const button of document.querySelectorAll('[data-download]')) {
    const what = button.dataset.download;
    button.addEventListener('click', () => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([contents[what]()], { type: 'text/csv' }));
      link.download = `${name}-${what}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
  }

  /** Of the table's own rows: the writer is in the first cell, the node in the fourth. */
  const table = document.querySelector('[data-lost] table');
  if (!table) return;
  const rows = [...table.querySelectorAll('tbody tr')];
  const nodeOf = (row) => row.cells[3].textContent.trim();
  const writerOf = (row) => row.cells[0].textContent.trim();
  const chosen = { node: '', writer: '' };
  const narrow = () => {
    for (const row of rows) {
      const isShown =
        (chosen.node === '' || nodeOf(row) === chosen.node) &&
        (chosen.writer === '' || writerOf(row) === chosen.writer);
      row.hidden = !isShown;
    }
  };
  const choice = (what, values) => {
    const select = document.createElement('select');
    select.setAttribute('aria-label', `Lost writes of which ${what}`);
    for (const value of ['', ...values]) {
      const option = new Option(value === '' ? `every ${what}` : value, value);
      select.append(option);
    }
    select.addEventListener('change', () => {
      chosen[what] = select.value;
      narrow();
    });
    return select;
  };
  const sorted = (of, compare) => [...new Set(rows.map(of))].sort(compare);
  const bar = document.createElement('p');
  bar.className = 'buttons';
  bar.append(
    choice('node', sorted(nodeOf)),
    ' ',
    choice(
      'writer',
      sorted(writerOf, (a, b) => a - b),
    ),
  );
  table.parentElement.before(bar);
})();
