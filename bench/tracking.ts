/**
 * What tracking costs: rows per second of the load with its journals, over the same loop without them, on one
 * throwaway server:
 *   node bench/tracking.ts            16 pairs of 1.5 s each
 *   node bench/tracking.ts 40         40 pairs
 * Both run by turns, each first as often as second, and a pair's ratio is taken within the pair: so that what
 * else the machine does in the meantime falls on both. The goal is a ratio of 0.95.
 */
import { startTestLoad } from '../test/helpers/load.ts';
import { startPostgres, type PostgresServer } from '../test/helpers/postgres.ts';
import { median, reportBench, round } from './support/results.ts';

const pairs = Number(process.argv[2] ?? 16);
const durationMs = 1_500;
const mode = { clients: 16, workers: 1, durationMs };

await using server = await startPostgres({ parameters: { max_wal_size: '8GB' } });
await rowsPerSecond(server, true);
const ratios: number[] = [];
const rates = { tracked: [] as number[], untracked: [] as number[] };
for (let pair = 0; pair < pairs; pair++) {
  const order = pair % 2 === 0 ? [true, false] : [false, true];
  const measured = new Map<boolean, number>();
  for (const isTracked of order) measured.set(isTracked, await rowsPerSecond(server, isTracked));
  const [tracked, untracked] = [measured.get(true) ?? NaN, measured.get(false) ?? NaN];
  rates.tracked.push(Math.round(tracked));
  rates.untracked.push(Math.round(untracked));
  ratios.push(tracked / untracked);
}
reportBench('tracking', {
  ratios: { trackedToUntracked: { measured: round(median(ratios)), goal: '>= 0.95' } },
  worst: round(Math.min(...ratios)),
  best: round(Math.max(...ratios)),
  pairs,
  rowsPerSecond: { tracked: median(rates.tracked), untracked: median(rates.untracked) },
  ...mode,
});

async function rowsPerSecond(on: PostgresServer, isTracked: boolean): Promise<number> {
  await using test = await startTestLoad(on, { ...mode, options: { isTracked } });
  await test.load.done;
  const { rows, failed, indeterminate } = test.load.stats;
  if (failed + indeterminate > 0) throw new Error('the server refused writes: no measurement');
  return rows / (durationMs / 1000);
}
