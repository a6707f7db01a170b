import { expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { refusalOfSteps } from '../../helpers/refusal-of-steps.ts';

const registry = await loadRegistry();

test('a certificate cannot expire in a lab without TLS', () => {
  const step = 'at: 5s, fault: expire-certificate, target: leader';
  expect(refusalOfSteps([step])).toContain(
    'backend local gives no control over certificates: its servers have none unless cluster.tls is set; write cluster: { tls: verify-full }',
  );
  expect(refusalOfSteps([step], '{ tls: verify-full }')).toBeUndefined();
});

test.each([
  ['dns-wrong, to: pg9', "faults[0].to: there is no node 'pg9'"],
  ['dns-wrong, to: pg1', 'faults[0].to: is the target itself, whose name leads to pg1 anyway'],
  ['dns-slow, delay: 0s', 'must be longer than 0s'],
  ['dns-slow', 'delay'],
  ['dns-gone, from: replicas', 'from'],
])('%s is refused before anything boots', (fault, why) => {
  expect(refusalOfSteps([`at: 1s, target: pg1, fault: ${fault}`])).toContain(why);
});

test('two steps that change one name at a time are refused', () => {
  const steps = ['at: 1s, fault: dns-gone', 'at: 3s, fault: dns-wrong'];
  const said = refusalOfSteps(steps.map((step) => `${step}, target: pg1, for: 10s`));
  expect(said).toContain('takes the name of its target, which dns-gone#1 has taken since 1s');
});

test('a route by PgBouncer is refused with TLS, and one by HAProxy is not', () => {
  const planned = (via: string) =>
    planScenario(
      parseScenario(
        `name: x
claim: It holds.
cluster: { tls: verify-full }
load: { duration: 30s, route: { via: ${via} } }
expect: { lost: 0 }
`,
        { file: 'x.yaml', registry },
      ),
      { seed: 1, backend: 'local', registry },
    );
  expect(() => planned('pgbouncer')).toThrow('a PgBouncer of a lab has no certificate');
  expect(planned('haproxy').scenario.cluster.own?.params).toEqual({ tls: 'verify-full' });
});

test.each(['dns-gone', 'expire-certificate'])(
  '%s is refused on docker, by its name, before anything boots',
  (fault) => {
    const text = `name: x
claim: It holds.
load: { duration: 30s }
faults: [{ at: 5s, target: pg2, fault: ${fault} }]
expect: { lost: 0 }
`;
    const scenario = parseScenario(text, { file: 'x.yaml', registry });
    const plan = () => planScenario(scenario, { seed: 1, backend: 'docker', registry });
    expect(plan).toThrow(/faults\[0\]\.fault: backend docker gives no control over \w+/);
  },
);
