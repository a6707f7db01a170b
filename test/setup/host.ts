import type { TestProject } from 'vitest/node';
import local from '../../src/backends/local.ts';
import { prepareHost } from '../../src/commands/support/prepare-host.ts';
import { needsOfTests } from '../../src/commands/support/test-needs.ts';
import type { ClusterBackend } from '../../src/contracts/backend.ts';
import { EnvironmentError } from '../../src/std/errors.ts';

/** What a single server needs. */
const forServers = ['PostgreSQL', 'user postgres', 'setpriv'];

/**
 * Before the first test of a project that starts servers: installs what this host lacks, as a first run does. A user who
 * may not install gets one message with what to do, and no test starts.
 */
export default async function prepareForTests({ name }: TestProject): Promise<void> {
  const backend = name === 'server' ? onlyServers(local) : local;
  const needs = name === 'server' ? [] : needsOfTests;
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  try {
    await prepareHost(backend, { needs, install: true, log });
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    log(`The tests need what this host lacks.\n${error.message}`);
    process.exit(4);
  }
}

function onlyServers(backend: ClusterBackend): ClusterBackend {
  return {
    ...backend,
    preflight: async () =>
      (await backend.preflight()).filter((finding) => forServers.includes(finding.name)),
  };
}
