import { describe, expect, it } from 'vitest';
import { judgeDurability } from '../../../src/judge/durability/judge.ts';
import summary from '../../../src/reporters/summary.ts';
import { judgedRun, losing, passing, unjudged } from '../../helpers/sample-results.ts';
import { clusterSettings } from '../../helpers/settings.ts';

describe('the summary', () => {
  it.each([
    ['passing', passing],
    ['losing', losing],
    ['unknown', unjudged],
  ])('of a %s run matches the golden file', async (name, of) => {
    await expect(summary.render(of)).toMatchFileSnapshot(`../../golden/summary-${name}.txt`);
  });

  it.each([
    ['7 of 14876', 14_876, 7, '0.05%'],
    ['nothing', 14_876, 0, '0.00%'],
    ['nothing of nothing', 0, 0, '0.00%'],
    ['8 of 237,138, which a checker of renown rounds to nothing', 237_138, 8, '0.0034%'],
    ['1 of 100 million', 100e6, 1, '0.0000010%'],
    ['1 of 10 billion', 1e10, 1, '0.000000010%'],
    ['everything', 14_876, 14_876, '100.00%'],
  ])('shows a loss of %s exactly', (_title, inserted, lost, shown) => {
    const records = { inserted, found: inserted - lost, lost };
    const text = summary.render(judgedRun('fail', [], { records }));
    expect(/^Data Loss Report\n(?: {2}.*\n){4}/m.exec(text)?.[0]).toBe(
      [
        'Data Loss Report',
        `  Total Records Inserted: ${inserted}`,
        `  Records Found in DB: ${inserted - lost}`,
        `  Records Lost: ${lost}`,
        `  Data Loss Percentage: ${shown}`,
        '',
      ].join('\n'),
    );
  });

  it('shows what the settings promise, those it rests on, and which are not in order', () => {
    const durability = judgeDurability(
      clusterSettings({ manager: { kind: 'none' }, all: { full_page_writes: 'off' } }),
    );
    const text = summary.render(judgedRun('pass', [], { durability }));
    expect(/^Durability\n(?: {2}.*\n)+/m.exec(text)?.[0].split('\n')).toEqual([
      'Durability',
      '  a failover or a crash may lose: nothing',
      "  it ran with fsync on, full_page_writes off, data_sync_retry off, synchronous_commit on, synchronous_standby_names ''",
      '  risk full_page_writes off: a page that is half written when the power fails stays broken',
      '',
    ]);
  });

  it('has a line for each server that ended or started without a step of the run', () => {
    const unplanned = [
      { node: 'pg1', what: 'restarted', fromMs: 12_100, untilMs: 14_300 },
      { node: 'pg2', what: 'ended', fromMs: 20_000, untilMs: 21_200 },
    ] as const;
    const text = summary.render(judgedRun('fail', [], { unplanned }));
    expect(text.split('\n').filter((line) => line.startsWith('Unplanned'))).toEqual([
      'Unplanned pg1: ended and started again, from 12.1 s to 14.3 s',
      'Unplanned pg2: ended and did not start again, from 20.0 s to 21.2 s',
    ]);
    expect(text).toContain(
      'PostgreSQL on pg1 ended and started again between 12.1 s and 14.3 s and PostgreSQL on pg2 ended',
    );
  });
});
