import { expect, test } from 'vitest';
import { withTables } from '../../../bench/support/scenario-tables.ts';
import type { EntryResult } from '../../../src/contracts/suite.ts';

const ranOn = 'local: PostgreSQL 15.18, Patroni 3.0.2, etcd 3.4.23';
const head = `| scenario | as demanded | known defect | lost | outage | run |
| --- | --- | --- | --- | --- | --- |`;

function entry(scenario: string, status: EntryResult['status'], lost: number): EntryResult {
  const versions = { postgres: '15.18', patroni: '3.0.2', dcs: 'etcd 3.4.23' };
  const numbers = { lost, outageMs: 20_900, versions };
  return { scenario, status, backend: 'local', durationMs: 50_000, numbers } as EntryResult;
}

test('a run that ended as a known defect is no run as demanded', () => {
  const entries = [entry('cut', 'pass', 0), entry('cut', 'knownDefect', 11_683)];
  expect(withTables('# Scenarios\n', entries, ['cut'])).toBe(`# Scenarios

## ${ranOn}

<!-- table: ${ranOn} -->

${head}
| [cut](../scenarios/cut.yaml) | 1 of 2 | 1 | 0 to 11683 | 20.9 s | 50.0 s |

<!-- end of table -->
`);
});

test('prose, rows of scenarios that were not measured and tables of other versions stay as they are', () => {
  const page = (rows: string) => `Kept by hand.

## ${ranOn}

Kept, too.

<!-- table: ${ranOn} -->

${head}
${rows}

<!-- end of table -->

At the end.

<!-- table: docker: another -->

| other |

<!-- end of table -->
`;
  const older = '| [older](../scenarios/older.yaml) | 5 of 5 | 0 | 0 | 0.1 s | 9.0 s |';
  const before = '| [cut](../scenarios/cut.yaml) | 5 of 5 | 0 | 11683 | 20.9 s | 50.0 s |';
  const after = '| [cut](../scenarios/cut.yaml) | 0 of 1 | 1 | 12000 | 20.9 s | 50.0 s |';
  const entries = [entry('cut', 'knownDefect', 12_000)];
  expect(withTables(page(`${older}\n${before}`), entries, ['cut', 'older'])).toBe(
    page(`${after}\n${older}`),
  );
});

test('a table without an end is an error, not a page that is cut off', () => {
  const entries = [entry('cut', 'pass', 0)];
  expect(() => withTables(`<!-- table: ${ranOn} -->\n`, entries, ['cut'])).toThrow(/has no/);
});
