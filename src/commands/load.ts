import { connectTo } from '../backends/external/connect.ts';
import { clusterOfConnection } from '../backends/external/of-connection.ts';
import { resolveConnection } from '../pg/libpq/resolve.ts';
import { loadRegistry } from '../registry.ts';
import { parseScenario } from '../scenario/parse/parse.ts';
import { planScenario } from '../scenario/plan/plan.ts';
import { onCluster } from '../scenario/read-cluster-file.ts';
import type { Json } from '../contracts/json.ts';
import { tell } from '../std/output.ts';
import { shellQuoted } from '../std/shell-quoted.ts';
import type { CommandHost } from './support/command-host.ts';
import { readVariables } from './support/dsn-option.ts';
import { keepRunsOption } from './index-page.ts';
import { exitCodes, withOutputOptions } from './support/output.ts';
import { readSeed } from './support/plan-options.ts';
import { runPlanned, type RunArguments } from './support/run-planned.ts';

interface LoadArguments extends RunArguments {
  readonly dsn?: string;
  readonly rate?: string;
  readonly clients: string;
  readonly duration: string;
  readonly workload: string;
  readonly seed: string;
}

export function loadCommand({ program, signal, exit }: CommandHost): void {
  withOutputOptions(
    program
      .command('load')
      .description('write to a server that exists, and account for every acknowledged write')
      .option(
        '--dsn <string>',
        'the server, or several hosts of one cluster; default: the environment',
      )
      .option(
        '--env-file <file>',
        'read variables such as PGPASSWORD from this file',
        readVariables,
      )
      .option('--rate <rate>', 'operations per second, such as 500/s; default: as fast as it goes')
      .option('--clients <number>', 'connections', '16')
      .option('--duration <duration>', 'how long', '60s')
      .option('--workload <name>', 'what is written', 'ledger')
      .option('--seed <number>', 'selects keys and payloads', '1')
      .option('--keep-data', "leave the run's tables there, for `verify`")
      .option('--quiet', 'print the summary only')
      .option(...keepRunsOption),
  ).action(async (options: LoadArguments) => {
    const registry = await loadRegistry();
    const connection = await resolveConnection(options.dsn);
    for (const note of connection.notes) tell(`${note}\n`);
    const cluster = clusterOfConnection(connection);
    const scenario = parseScenario(scenarioText(options), { file: 'load', registry });
    const spec = onCluster(scenario, {
      own: { backend: 'external', params: cluster.params as Json },
      nodes: cluster.accesses.length,
      topology: cluster.accesses.length === 1 ? 'single' : 'patroni',
    });
    const plan = planScenario(spec, {
      seed: readSeed(options.seed),
      backend: 'external',
      registry,
    });
    const log = (line: string): void => (options.quiet ? undefined : tell(`${line}\n`));
    const outcome = await runPlanned(
      {
        plan,
        why: 'load alone, on a server that exists',
        reproduce: commandOf(options),
        overrides: [],
        connect: (id, _directory, stop) => connectTo(cluster, { id, signal: stop, log }),
      },
      { ...options, install: false },
      { registry, signal },
    );
    if (outcome) exit(exitCodes[outcome.result.status]);
  });
}

/** As a file would say it: the parser knows the units and what is wrong with a value. */
function scenarioText({ rate, clients, duration, workload }: LoadArguments): string {
  return JSON.stringify({
    name: 'load',
    claim: 'No acknowledged write is lost, whatever is done to the servers meanwhile.',
    load: { workload, clients: Number(clients), duration, ...(rate !== undefined && { rate }) },
    // A person may restart servers meanwhile: that is reported, and no failure.
    expect: { lost: 0, unexpected: 0, unplanned: '>= 0' },
  });
}

/** Without the string: it may hold a password. */
function commandOf({ rate, clients, duration, workload, seed }: LoadArguments): string {
  const given = { rate, clients, duration, workload, seed };
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${shellQuoted(value)}`],
  );
  return `npm run forkpoint -- load --dsn ... ${words.join(' ')}`;
}
