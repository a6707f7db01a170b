import { expect, test } from 'vitest';
import { namingOptions } from '../../../../src/commands/support/option-problems.ts';
import { EnvironmentError, ScenarioError } from '../../../../src/std/errors.ts';

async function said(message: string): Promise<unknown> {
  return namingOptions('load', () => Promise.reject(new ScenarioError(message)));
}

test.each([
  [
    'load:1:138: load.clients: must be at most 2000, not 2500',
    '--clients: must be at most 2000, not 2500',
  ],
  ['load:1:9: load.minFree: must be 1 or more', '--min-free: must be 1 or more'],
  ['load:1:9: load.stages[2].rate: must be above 0/s', '--stages [2].rate: must be above 0/s'],
  ['load:1:9: load.knee.p99: needs a unit', '--knee p99: needs a unit'],
  [
    'load:1:9: load.file: nosuch.sql: there is no such file',
    '--workload: nosuch.sql: there is no such file',
  ],
  ['load:1:9: expect.knee: the load searches no knee', '--at-least: the load searches no knee'],
  ['app.sql:3:1: transaction add: writes nothing', 'app.sql:3:1: transaction add: writes nothing'],
  ['load:1:1: load.rate: a\nload:1:2: load.think: b', '--rate: a\n--think: b'],
])('a problem %j of an option is said as %j', async (problem, expected) => {
  await expect(said(problem)).rejects.toThrow(new ScenarioError(expected));
});

test('what is no problem of the scenario stays as it is', async () => {
  const error = new EnvironmentError('load:1:1: load.rate: a');
  await expect(namingOptions('load', () => Promise.reject(error))).rejects.toBe(error);
});
