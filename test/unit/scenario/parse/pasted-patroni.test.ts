import { expect, test } from 'vitest';
import { patroniProblems } from '../../../../src/scenario/parse/patroni-keys.ts';

test('for a patroni.yml pasted below cluster.patroni the error names where its bootstrap.dcs belongs', () => {
  const pasted = { scope: 'app', bootstrap: { dcs: { ttl: 30 } }, ttl: 30 };
  expect(patroniProblems(pasted)).toEqual([
    { path: ['scope'], message: expect.stringContaining('own file') as string },
    {
      path: ['bootstrap'],
      message:
        "belongs to Patroni's own file (patroni.yml): put its bootstrap.dcs settings (ttl, loop_wait, ...) directly below cluster.patroni",
    },
  ]);
});
