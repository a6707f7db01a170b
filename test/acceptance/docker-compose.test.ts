import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import {
  DockerComposeEnvironment,
  type StartedDockerComposeEnvironment,
  Wait,
} from 'testcontainers';
import { beforeAll, describe, expect, test } from 'vitest';
import { run, runOk } from '../../src/std/exec.ts';
import { waitUntil } from '../../src/std/wait.ts';
import { latestResult, startCli } from '../helpers/cli.ts';
import { hasDocker } from '../helpers/docker.ts';
import { listen } from '../helpers/listen.ts';
import { untilWriting } from '../helpers/load-seconds.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

const root = path.resolve(import.meta.dirname, '../..');
const password = 'forkpoint';
const patience = 180_000;

interface Composed extends AsyncDisposable {
  readonly project: string;
  readonly subnet: string;
  readonly writePort: number;
}

/** As a test of an application would start it: ports and addresses of its own, so that several can be up at once. */
async function compose(subnet: string): Promise<Composed> {
  const project = `forkpoint-test-${process.pid}-${subnet.replaceAll('.', '-')}`;
  const [writePort, readPort] = [await freePort(), await freePort()];
  const started: StartedDockerComposeEnvironment = await new DockerComposeEnvironment(
    root,
    'docker-compose.ha.yml',
  )
    .withProjectName(project)
    .withEnvironment({
      FORKPOINT_SUBNET: subnet,
      FORKPOINT_WRITE_PORT: String(writePort),
      FORKPOINT_READ_PORT: String(readPort),
    })
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(patience)
    .withAutoCleanup(false)
    .up();
  return {
    project,
    subnet,
    writePort,
    [Symbol.asyncDispose]: async () => {
      await started.down({ removeVolumes: true });
    },
  };
}

async function freePort(): Promise<number> {
  await using listener = await listen();
  return listener.endpoint.port;
}

/** Through HAProxy, to the primary. */
async function ask(port: number, text: string): Promise<unknown> {
  const login = { user: 'postgres', database: 'postgres', password };
  const client = new pg.Client({ host: '127.0.0.1', port, ...login });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const scenario = `name: compose-kill
claim: When the leader's container is killed, every route finds the new leader, and nothing is lost without a cause.
cluster: { converge: 120s }
load:
  rate: 100/s
  duration: 60s
  routes: { direct: 4, haproxy: 4 }
expect: { lost: '>= 0', unplanned: '>= 1', failovers: 1, replicas: agree }
`;

const isRequired = process.env.FORKPOINT_REQUIRE_DOCKER === '1';
const found = hasDocker && (await run(['docker', 'compose', 'version'])).exitCode === 0;
if (hasDocker && !found) {
  process.stderr.write('No `docker compose`, version 2: npm run docker:compose gets it\n');
}

describe.skipIf(!hasDocker || !(found || isRequired))('docker-compose.ha.yml', () => {
  const reports = temporaryReports();
  let cluster: Composed;
  const owned = ownedBySuite();
  owned.use(reports);
  beforeAll(async () => {
    // At once, as two test files of one project would. Both are waited for: one that has started ends, whatever the other did.
    const both = [compose('10.214.1'), compose('10.214.2')].map(async (one) =>
      owned.use(await one),
    );
    await Promise.allSettled(both);
    const [first, second] = await Promise.all(both);
    cluster = first!;
    expect(await ask(second!.writePort, 'SELECT NOT pg_is_in_recovery()')).toBe(true);
    await second![Symbol.asyncDispose]();
  }, patience * 2);

  const container = (node: string) => `${cluster.project}-${node}-1`;
  const docker = (...args: readonly string[]) =>
    runOk(['docker', ...args], (said) => new Error(said));
  /** What only the containers know: whether it was Patroni, etcd or PostgreSQL that did something else. */
  const patroniSaid = async () => {
    const names = ['pg1', 'pg2', 'pg3', 'etcd1'].map(container);
    const logs = names.map(async (name) => {
      const { stdout, stderr } = await run(['docker', 'logs', '--tail', '60', name]);
      return `\n--- ${name}\n${stdout}${stderr}`;
    });
    return (await Promise.all(logs)).join('');
  };
  /** Patroni's view, of the first member that answers. */
  const rest = async (asked: string, init: RequestInit = {}): Promise<unknown> => {
    const answers = [11, 12, 13].map((last) =>
      fetch(`http://${cluster.subnet}.${last}:8008${asked}`, {
        ...init,
        signal: AbortSignal.timeout(10_000),
      }).then((answer) => answer.json()),
    );
    return await Promise.any(answers);
  };
  const leader = async () => {
    const { members } = (await rest('/cluster')) as {
      members: { name: string; role: string; state: string }[];
    };
    return members.find(({ role, state }) => role === 'leader' && state === 'running')?.name;
  };

  test('is a cluster for the tests of an application, beside others', async () => {
    expect(await ask(cluster.writePort, 'SELECT NOT pg_is_in_recovery()')).toBe(true);
  });

  test(
    'is judged as an external cluster through HAProxy while its leader is killed by `docker kill`',
    async () => {
      // The longest retry_timeout that Patroni takes with them: a leader that does not reach etcd for that long steps down, and
      // on a busy machine etcd elects often. That would be a failover of Patroni's own beside the one that is asked for.
      const settings = { ttl: 20, loop_wait: 2, retry_timeout: 9 };
      await rest('/config', { method: 'PATCH', body: JSON.stringify(settings) });
      const clusterFile = path.join(reports.folder, 'compose.cluster.yaml');
      mkdirSync(reports.folder, { recursive: true });
      writeFileSync(
        clusterFile,
        readFileSync(path.join(root, 'docker/compose.cluster.yaml'), 'utf8')
          .replaceAll('10.213.0.', `${cluster.subnet}.`)
          .replaceAll('forkpoint-ha-', `${cluster.project}-`)
          .replace('port: 5000', `port: ${cluster.writePort}`),
      );
      const file = path.join(reports.folder, 'compose-kill.yaml');
      writeFileSync(file, scenario);
      const old = (await leader()) ?? '';
      const child = startCli(['run', file, '--cluster', clusterFile], {
        reports: reports.folder,
        env: { FORKPOINT_PASSWORD: password },
      });
      try {
        await Promise.race([
          untilWriting(reports.folder, 'compose-kill', 3, patience),
          child.done.then(({ stderr }) => Promise.reject(new Error(stderr))),
        ]);
        await docker('kill', container(old));
        const taken = async () => {
          const now = await leader().catch(() => undefined);
          return now !== undefined && now !== old ? now : undefined;
        };
        await waitUntil('another leads', taken, { timeoutMs: patience, everyMs: 500 });
        await docker('start', container(old));
        const { exitCode, stderr, stdout } = await child.done;
        const said = exitCode === 0 ? '' : `${stderr}${stdout}${await patroniSaid()}`;
        expect([exitCode, stderr.includes('Error')], said).toEqual([0, false]);
      } finally {
        child.kill();
      }
      const { status, failovers, routes = [] } = latestResult(reports.folder, 'compose-kill');
      expect([status, failovers]).toEqual(['pass', 1]);
      // Both clients of the proxy and those that ask every node wrote to the old leader and to the new one.
      expect(routes.map(({ name, servers }) => [name, servers.length])).toEqual([
        ['direct', 2],
        ['haproxy', 2],
      ]);
    },
    patience * 2,
  );
});
