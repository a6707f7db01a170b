import { describe, expect, it } from 'vitest';
import type { MatrixCell, MatrixResult } from '../../../../src/contracts/matrix.ts';
import { matrixHtml } from '../../../../src/matrix/render/html.ts';
import { matrixMarkdown } from '../../../../src/matrix/render/markdown.ts';

const observed = {
  acknowledged: 5000,
  lost: 0,
  lostLocalOnly: 0,
  lostSpanMs: null,
  outageMs: 21_340,
  failovers: 1,
};

function cell(over: Partial<MatrixCell> & Pick<MatrixCell, 'values'>): MatrixCell {
  return {
    status: 'held',
    reason: null,
    directory: 'x/20260101T000000Z',
    log: 'logs/001.log',
    durationMs: 50_000,
    versions: { postgres: '17.5', patroni: '4.0.7' },
    promise: { mayLose: false, bytes: 0, seconds: 0, text: 'nothing' },
    observed,
    ...over,
  };
}

function matrix(over: Partial<MatrixResult> = {}): MatrixResult {
  return {
    schemaVersion: 1,
    scenario: 'async-tail-loss',
    claim: 'A claim.',
    seed: 1,
    backend: 'local',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 61_000,
    axes: [
      { key: 'synchronous', path: 'cluster.synchronous', values: ['off', 'quorum'] },
      { key: 'fsync', path: 'cluster.parameters.fsync', values: ['on'] },
    ],
    cells: [
      cell({
        values: ['off', 'on'],
        status: 'broken',
        reason: 'promised nothing, lost 3',
        observed: { ...observed, lost: 3, lostSpanMs: 200 },
      }),
      cell({
        values: ['quorum', 'on'],
        status: 'impossible',
        reason: 'needs Patroni 4.0',
        promise: null,
        observed: null,
      }),
    ],
    reproduce: 'npm run forkpoint -- matrix async-tail-loss',
    ...over,
  };
}

describe('matrix.md', () => {
  it('shows each cell with its promise and observation, and the reason if it is not held', () => {
    expect(matrixMarkdown(matrix()).split('\n').slice(4)).toEqual([
      '| synchronous | fsync | verdict           | promised to lose at most | lost | of acknowledged | within | lostLocalOnly | outage | failovers |',
      '| ----------- | ----- | ----------------- | ------------------------ | ---- | --------------- | ------ | ------------- | ------ | --------- |',
      '| off         | on    | BROKEN            | nothing                  | 3    | 5,000           | 0.2 s  | 0             | 21.3 s | 1         |',
      '| quorum      | on    | not possible here | -                        | -    | -               | -      | -             | -      | -         |',
      '',
      '- `synchronous=off fsync=on`: promised nothing, lost 3',
      '- `synchronous=quorum fsync=on`: needs Patroni 4.0',
      '',
      '2 cells: 1 BROKEN, 1 not possible here. local: PostgreSQL 17.5, Patroni 4.0.7; seed 1; 61.0 s.',
      '',
      'Reproduce: `npm run forkpoint -- matrix async-tail-loss`',
      '',
    ]);
  });

  it('distinguishes an allowed loss from a promise of no loss, and prints a reason once', () => {
    const allowed = { mayLose: true, bytes: 1, seconds: 0, text: 'up to 1B' };
    const cells = [
      cell({ values: ['off', 'on'], promise: allowed, observed: { ...observed, lost: 3 } }),
      cell({ values: ['quorum', 'on'], status: 'unknown', reason: 'cut' }),
      cell({ values: ['quorum', 'off'], status: 'unknown', reason: 'cut\n--- the log' }),
    ];
    const lines = matrixMarkdown(matrix({ cells })).split('\n');
    expect(lines[6]).toContain('| held (loss allowed) | up to 1B');
    expect(lines.filter((line) => line.startsWith('- '))).toEqual([
      '- `synchronous=quorum fsync=on`, `synchronous=quorum fsync=off`: cut',
    ]);
  });

  it('keeps a bar, a line break and a tag from breaking the table', () => {
    const odd = cell({ values: ['a|b\nc <i>', 'on'] });
    expect(matrixMarkdown(matrix({ cells: [odd] }))).toContain('| a\\|b c &lt;i> | on ');
  });
});

describe('matrix.html', () => {
  const links = { hasIndex: true, hasReport: () => true };
  const evil = `"><script>alert(1)</script>&'`;

  it('escapes all foreign text', () => {
    const html = matrixHtml(
      matrix({
        scenario: evil,
        claim: evil,
        reproduce: evil,
        backend: evil,
        axes: [
          { key: evil, path: evil, values: [evil] },
          { key: 'fsync', path: 'x', values: ['on'] },
        ],
        cells: [
          cell({
            values: [evil, 'on'],
            status: 'unknown',
            reason: evil,
            directory: evil,
            promise: { mayLose: null, bytes: null, seconds: null, text: evil },
          }),
        ],
      }),
      links,
    );
    expect(html).not.toContain('<script');
    expect(html).not.toContain('"">');
  });

  it('shows no large 0 for a run that could not be judged', () => {
    const html = matrixHtml(
      matrix({ cells: [cell({ values: ['off', 'on'], status: 'unknown' })] }),
      links,
    );
    expect(html).toContain('<td class="unknown"><b>unknown</b><small>lost 0</small>');
  });

  it('leads to all runs, and to the report of each cell that has one', () => {
    const hrefs = (hasReport: boolean) => {
      const html = matrixHtml(matrix(), { hasIndex: hasReport, hasReport: () => hasReport });
      return [...html.matchAll(/href="([^"]+)"/g)].map(([, href]) => href);
    };
    const report = '../../../x/20260101T000000Z/report.html';
    const logs = ['./logs/001.log', './logs/001.log'];
    expect(hrefs(true)).toEqual(['../../../index.html', report, logs[0], report, logs[1]]);
    expect(hrefs(false)).toEqual(logs);
  });

  it('fetches nothing', () => {
    expect(matrixHtml(matrix(), links)).not.toMatch(/https?:|src=|@import|url\(/);
  });

  it('has the grid of two keys, and only the list of three', () => {
    const third = { key: 'ttl', path: 'cluster.patroni.ttl', values: ['20'] };
    const { axes } = matrix();
    const has = [axes, [...axes, third], axes.slice(0, 1)].map((some) =>
      matrixHtml(matrix({ axes: some }), links).includes('class="grid"'),
    );
    expect(has).toEqual([true, false, false]);
  });
});
