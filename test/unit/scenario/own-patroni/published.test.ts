import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fit } from '../../../helpers/fit-own-patroni.ts';

const folder = new URL('published/', import.meta.url);
const fitted = (name: string) =>
  fit(readFileSync(new URL(name, folder), 'utf8'), {
    hasProgram: () => false,
    hasLibrary: (library) => ['pg_stat_statements', 'auto_explain'].includes(library),
  });

/** Of each configuration that others published: how many entries a lab runs otherwise, or why it is refused. */
const outcomes: Readonly<Record<string, number | RegExp>> = {
  'autobase.yml': 18,
  'patroni-sample.yml': 15,
  'pigsty-oltp.yml': 25,
  'spilo.yml': 17,
  'standby-cluster.yml':
    /^bootstrap\.dcs\.standby_cluster: .*needs the primary cluster at primary-haproxy:5000/,
  'timescale-helm.yml': 14,
  'tls-strict.yml': 9,
};

test.each(Object.entries(outcomes))(
  '%s boots with its entries listed that a lab runs otherwise, or is refused with what it needs',
  (name, outcome) => {
    const { refused, replaced } = fitted(name);
    if (typeof outcome === 'number') expect([refused, replaced.length]).toEqual([[], outcome]);
    else expect(refused).toEqual([expect.stringMatching(outcome)]);
  },
);

test('every published configuration has an outcome', () => {
  expect(readdirSync(folder).filter((name) => name.endsWith('.yml'))).toEqual(
    Object.keys(outcomes),
  );
});
