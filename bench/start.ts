/**
 * What a start costs: `forkpoint check partition-5s` with a warm cache, beside an empty Node:
 *   node bench/start.ts        20 pairs
 *   node bench/start.ts 40     40 pairs
 * CPU time, user and system, for a busy machine makes a start wait, and not work. Both run by turns, so that what else the
 * machine does meanwhile falls on both; `machineIsIdle` is false where more than half a core was busy otherwise, and then
 * the seconds are too many. The goal is 0.5 s.
 */
import { loadavg } from 'node:os';
import path from 'node:path';
import { startOf, type StartCost } from './support/start-cost.ts';
import { median, reportBench, round } from './support/results.ts';

const pairs = Number(process.argv[2] ?? 20);
const bin = path.join(import.meta.dirname, '../src/bin.js');
const check = [bin, 'check', 'partition-5s'];
const [busyBefore = NaN] = loadavg();
startOf(check);
const costs = Array.from({ length: pairs }, () => ({
  check: startOf(check),
  emptyNode: startOf(['-e', '0']),
}));

reportBench('start', {
  goals: { checkSeconds: { measured: of('check', 'cpuSeconds'), goal: '<= 0.5' } },
  check: { cpuSeconds: of('check', 'cpuSeconds'), wallSeconds: of('check', 'wallSeconds') },
  emptyNode: {
    cpuSeconds: of('emptyNode', 'cpuSeconds'),
    wallSeconds: of('emptyNode', 'wallSeconds'),
  },
  pairs,
  machineIsIdle: busyBefore < 0.5,
});

function of(what: 'check' | 'emptyNode', figure: keyof StartCost): number {
  return round(median(costs.map((cost) => cost[what][figure])));
}
