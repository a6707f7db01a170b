import { beforeAll, test } from 'vitest';
import { workloadServerRules } from '../../src/conformance/workload-server-rules.ts';
import { loadRegistry } from '../../src/registry.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../helpers/postgres.ts';

const registry = await loadRegistry('');
const owned = ownedBySuite();
let server: PostgresServer;
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
});
const cases = [...registry.workloads].flatMap(([name, extension]) =>
  workloadServerRules.map((rule) => ({ name, says: rule.says, rule, extension })),
);

test.each(cases)('workload $name $says', ({ name, rule, extension }) =>
  rule.check({ name, extension, registry, server }),
);
