import { expect, test } from 'vitest';
import { prepareHost } from '../../../../src/commands/support/prepare-host.ts';
import type { ClusterBackend } from '../../../../src/contracts/backend.ts';
import type { Scenario } from '../../../../src/contracts/scenario.ts';
import { neededOfHost } from '../../../../src/scenario/plan/needed-of-host.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { parseScenario } from '../../../../src/scenario/parse/parse.ts';

const registry = await loadRegistry();
const docker = registry.backends.get('docker')!;

const log = () => undefined;
const options = { install: false, log };

function leaving(...sizes: readonly string[]): Scenario {
  const steps = sizes.map((leave, at) => {
    return `  - { at: ${5 + at}s, fault: memory-pressure, target: pg${at + 1}, leave: ${leave} }`;
  });
  const text = ['name: x', 'claim: x.', 'load: { duration: 40s }', 'faults:', ...steps].join('\n');
  return parseScenario(text, { file: 'x.yaml', registry });
}

/** A host with an engine, and so much memory. */
function hostWith(memory: number): ClusterBackend {
  return {
    ...docker,
    preflight: () => Promise.resolve([]),
    memoryOfHost: () => Promise.resolve(memory),
  };
}

test('more memory left than the host has is refused with both figures, before anything boots', async () => {
  const needed = neededOfHost(leaving('32MB', '900GB'), registry.faults);
  const prepared = prepareHost(hostWith(25e9), { ...needed, ...options });
  await expect(prepared).rejects.toThrow(
    'MISSING memory: the host has 25.0 GB, so to leave 966.4 GB takes none away',
  );
});

test('less than the host has is taken', async () => {
  const needed = neededOfHost(leaving('32MB'), registry.faults);
  await prepareHost(hostWith(25e9), { ...needed, ...options });
});

test('a backend that cannot take memory is not asked for it', async () => {
  const local = registry.backends.get('local')!;
  const host: ClusterBackend = { ...local, preflight: () => Promise.resolve([]) };
  await prepareHost(host, { memoryAbove: Infinity, ...options });
});
