import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tryExtensions, type RuleOutcome } from '../../src/conformance/conformance.ts';
import { loadExtensionsOf } from '../../src/registry.ts';
import { callCli } from '../helpers/call-cli.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../helpers/postgres.ts';

const folder = path.resolve(import.meta.dirname, '../../docs/examples/extensions');
const scenario = path.join(folder, 'scenarios/counters.yaml');
const reports = '/nonexistent';

describe('the extensions of docs/examples', () => {
  const owned = ownedBySuite();
  let server: PostgresServer;
  beforeAll(async () => {
    server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  });

  test('keep every rule of their kind', async () => {
    const { registry, own } = await loadExtensionsOf(folder);
    const outcomes: RuleOutcome[] = [];
    await tryExtensions(own, { registry, server, report: (outcome) => outcomes.push(outcome) });
    // Only root can enter another root folder.
    const isTried = ({ extension }: RuleOutcome) =>
      extension !== 'shells/chroot' || process.getuid?.() === 0;
    expect(outcomes.filter(isTried).filter(({ status }) => status !== 'kept')).toEqual([]);
    expect(new Set(outcomes.map(({ extension }) => extension))).toEqual(
      new Set([
        ...['faults/stop-postgres', 'workloads/counter', 'workloads/transfers'],
        ...['checks/p99', 'checks/total'],
        ...['reporters/csv', 'shells/chroot', 'backends/hosts'],
      ]),
    );
  });
});

test('a scenario can be planned with the extensions that --extensions names, and not without', async () => {
  const [named, unnamed] = await Promise.all([
    callCli(['check', scenario, '--extensions', folder], { reports }),
    callCli(['check', scenario], { reports }),
  ]);
  expect([named.exitCode, unnamed.exitCode]).toEqual([0, 3]);
  expect(named.stdout).toContain('stop-postgres');
  expect(unnamed.stderr).toContain("no workload 'counter'");
});
