import { describe, expect, test } from 'vitest';
import { runsPage } from '../../../../src/render/runs-page/runs-page.ts';
import { nightsOf, runRecord } from '../../../helpers/records.ts';

/** The page without the code and style that are the same in each. */
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

describe('index.html', () => {
  test('is the one that was agreed on', async () => {
    const page = runsPage({ runs, skipped: ['partition-5s/x: result.json: is not JSON'] });
    await expect(bodyOf(page)).toMatchFileSnapshot('../../../golden/index.html');
  });

  test('of an empty folder says that there is nothing yet', () => {
    const page = bodyOf(runsPage({ runs: [], skipped: [] }));
    expect(page).toContain('There is no run yet.');
    expect(page).toContain('No suite has run yet.');
  });

  test('opens fast after years of nights: 20,000 runs are below 3 MB, and it says what it leaves out', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      ...runRecord({ runId: `r${index}`, scenario: `scenario-${index % 40}` }),
      hasReport: true,
    }));
    const page = runsPage({ runs: many, skipped: Array(500).fill('x: y') as string[] });
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toContain('18,000 older ones are in history.jsonl');
    expect(page).toContain('and 400 more');
  });
});
