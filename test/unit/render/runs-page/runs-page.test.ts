import { describe, expect, test } from 'vitest';
import type { Overview } from '../../../../src/contracts/history.ts';
import { runsPage } from '../../../../src/render/runs-page/runs-page.ts';
import { nightsOf, runRecord } from '../../../helpers/records.ts';

/** The page without its constant code and style. */
function bodyOf(page: string): string {
  return page.replace(/<(style|script)>[^]*?<\/\1>/g, '<$1></$1>').replace(/\n{2,}/g, '\n');
}

const runs = [
  ...nightsOf(['pass', 'fail', 'pass']),
  ...nightsOf(['pass', 'unknown'], { scenario: 'flapping', outageMs: null, lost: null }),
  {
    ...runRecord({ runId: null, scenario: 'broken', status: 'bug', directory: null }),
    versions: null,
    durationMs: null,
    hasReport: false,
    overrides: ['load.duration=5s'],
  },
];

const overviews: readonly Overview[] = (['suite', 'matrix'] as const).map((kind) => {
  const directory = `${kind === 'suite' ? 'suites' : 'matrix'}/nightly/20261120T200912Z`;
  const statuses = kind === 'suite' ? ['pass', 'pass', 'fail'] : ['held', 'broken'];
  const startedAt = '2026-11-20T20:09:12.000Z';
  return {
    kind,
    name: 'nightly',
    directory,
    page: `${directory}/${kind}.html`,
    startedAt,
    statuses,
  };
});

describe('index.html', () => {
  test('shows a cell of a matrix by what the matrix asked, and leads to it', () => {
    const matrix = { directory: 'matrix/nightly/20261120T200912Z', cell: 'held' } as const;
    const cell = {
      ...runRecord({ status: 'fail', reason: 'acknowledged writes lost: 0 (demanded: >= 1)' }),
      matrix,
      suite: null,
      hasReport: true,
    };
    const page = bodyOf(runsPage({ runs: [cell], skipped: [], overviews }));
    expect(page).toContain('<span class="badge pass" title="the demands of the scenario,');
    expect(page).toMatch(/<span class="badge pass"[^>]*>held<\/span>/);
    expect(page).toContain('<td class="n" data-name="passed">1 of 1</td>');
    expect(page).toContain('<a href="./matrix/nightly/20261120T200912Z/matrix.html">matrix</a>');
    expect(page).not.toContain('class="fail"');
    const broken = { ...cell, matrix: { ...matrix, cell: 'broken' as const } };
    expect(runsPage({ runs: [broken], skipped: [], overviews: [] })).toMatch(
      /<span class="badge fail"[^>]*>broken<\/span>[^]*<td>matrix<\/td>/,
    );
  });

  test('matches the golden file', async () => {
    const page = runsPage({
      runs,
      skipped: ['partition-5s/x: result.json: is not JSON'],
      overviews,
    });
    await expect(bodyOf(page)).toMatchFileSnapshot('../../../golden/index.html');
  });

  test('of an empty folder shows that there are no runs yet', () => {
    const page = bodyOf(runsPage({ runs: [], skipped: [], overviews: [] }));
    expect(page).toContain('There is no run yet.');
    expect(page).toContain('No suite has run yet.');
  });

  test('stays small after years of nights: 20,000 runs are below 3 MB, and it names what it leaves out', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      ...runRecord({ runId: `r${index}`, scenario: `scenario-${index % 40}` }),
      hasReport: true,
    }));
    const page = runsPage({
      runs: many,
      skipped: Array(500).fill('x: y') as string[],
      overviews: [],
    });
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toContain('18,000 older runs are in history.jsonl');
    expect(page).toContain('and 400 more');
  });
});
