/**
 * The load beside a plain loop over `pg` and beside pgbench, all of the same columns, on one throwaway server:
 *   node bench/load.ts              12 rounds of each, 2 s each
 *   node bench/load.ts 30           30 rounds
 *   node bench/load.ts 12 single    only this shape
 * They take turns within a round, in another order each time, and ratios are taken within it: what else the machine does falls
 * on all. CPU is that of the client's processes: of the load its worker and its supervisor, with the journal.
 */
import { startPostgres, type PostgresServer } from '../test/helpers/postgres.ts';
import { ours, pgbench, plainPg, type Round, type Shape } from './support/contenders.ts';
import { median, reportBench, round } from './support/results.ts';

const rounds = Number(process.argv[2] ?? 12);
const only = process.argv[3];
const durationMs = 2_000;
const shapes: Readonly<Record<string, Shape>> = {
  single: { clients: 16, batch: 1, durationMs },
  batch: { clients: 16, batch: 100, durationMs },
  pipeline: { clients: 16, batch: 1, pipeline: 8, durationMs },
};
const contenders = { ours, plainPg, pgbench };
type Contender = keyof typeof contenders;
const names = Object.keys(contenders) as Contender[];

await using server = await startPostgres({
  parameters: { max_wal_size: '8GB', max_connections: '100' },
});
const results: Record<string, unknown> = {};
for (const [name, shape] of Object.entries(shapes)) {
  if (only !== undefined && only !== name) continue;
  results[name] = summary(await measure(server, shape), name);
}
if (only === undefined) reportBench('load', { rounds, ...results });

async function measure(on: PostgresServer, shape: Shape) {
  for (const name of names) await contenders[name](on, shape);
  const all: Record<Contender, Round>[] = [];
  for (let number = 0; number < rounds; number++) {
    const measured: Partial<Record<Contender, Round>> = {};
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + number) % names.length] ?? 'ours';
      measured[name] = await contenders[name](on, shape);
    }
    all.push(measured as Record<Contender, Round>);
  }
  return all;
}

function summary(all: readonly Record<Contender, Round>[], name: string) {
  const of = (value: (one: Record<Contender, Round>) => number) => round(median(all.map(value)));
  const table = Object.fromEntries(
    names.map((each) => [
      each,
      {
        rowsPerSecond: Math.round(of((one) => one[each].rowsPerSecond)),
        cpuUsPerOperation: of((one) => one[each].cpuUsPerOperation),
      },
    ]),
  );
  console.log(name);
  console.table(table);
  const ratios = {
    rowsToPgbench: of((one) => one.ours.rowsPerSecond / one.pgbench.rowsPerSecond),
    rowsToPlainPg: of((one) => one.ours.rowsPerSecond / one.plainPg.rowsPerSecond),
    cpuToPlainPg: of((one) => one.ours.cpuUsPerOperation / one.plainPg.cpuUsPerOperation),
    workerCpuToPlainPg: of(
      (one) =>
        (one.ours as Awaited<ReturnType<typeof ours>>).workerCpuUsPerOperation /
        one.plainPg.cpuUsPerOperation,
    ),
  };
  console.log(ratios);
  return { ...table, ratios };
}
