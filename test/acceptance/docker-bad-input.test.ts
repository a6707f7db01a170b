import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { type CliOptions, startCli } from '../helpers/cli.ts';
import { hasDocker, imageThat, inEngineOf, isRootOnLinux } from '../helpers/docker.ts';
import { oldEngine } from '../helpers/engine-proxy.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-bad-'));
// Another user also writes here.
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly exitCode: number | null;
  /** What the run left in the engine. */
  readonly left: readonly string[];
  readonly stderr: string;
}

/** Runs a scenario on containers through the command line. */
async function runOnDocker(
  scenario: string,
  env: Readonly<Record<string, string>>,
  { prefix = [] }: Pick<CliOptions, 'prefix'> = {},
): Promise<Told> {
  const reports = path.join(folder, prefix.length > 0 ? 'another-user' : 'reports');
  const cli = startCli(['run', scenario, '--backend', 'docker'], { reports, env, prefix });
  const { exitCode, stderr } = await cli.done;
  return { exitCode, left: await inEngineOf(cli.pid), stderr };
}

/** Exit code 4, nothing in the engine, and these words in this order. */
function expectRefusal({ exitCode, left, stderr }: Told, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect({ exitCode, left }).toEqual({ exitCode: 4, left: [] });
}

describe.skipIf(!hasDocker)(
  'a run on containers that the host cannot make is refused with the remedy',
  () => {
    test('no engine: start one', async () => {
      const told = await runOnDocker('partition-5s', { DOCKER_HOST: 'unix:///nonexistent.sock' });
      expectRefusal(told, /no engine answers: connect ENOENT[^]*Start the engine.*DOCKER_HOST/);
    });

    test.runIf(isRootOnLinux)('no permission on the socket: join its group', async () => {
      // As the user `nobody`, with the right to read any file: the checkout may be in a folder that `nobody` cannot enter.
      const prefix = [
        ...['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
        ...['--inh-caps=-all,+dac_read_search', '--ambient-caps=-all,+dac_read_search'],
      ];
      const told = await runOnDocker('partition-5s', {}, { prefix });
      expectRefusal(told, /no engine answers: connect EACCES[^]*usermod -aG docker.*run as root/);
    });

    test('an engine that is too old: install a newer one', async () => {
      const socket = path.join(folder, 'old.sock');
      await using _old = await oldEngine(socket, { Version: '19.03.15', ApiVersion: '1.40' });
      const told = await runOnDocker('partition-5s', { DOCKER_HOST: `unix://${socket}` });
      expectRefusal(told, /19\.03\.15 has API 1\.40; at least 1\.41 is needed[^]*Docker 20\.10 or/);
    });

    test('no image of a cluster: build it', async () => {
      const told = await runOnDocker('partition-5s', {
        FORKPOINT_DOCKER_IMAGE: 'forkpoint:absent',
      });
      expectRefusal(told, /forkpoint:absent does not exist[^]*npm run docker:image/);
    });

    test('no image of a single server, neither in the engine nor in a registry: name another or build it', async () => {
      const FORKPOINT_IMAGE = '127.0.0.1:9/forkpoint:absent';
      const told = await runOnDocker('single-crash-recovery', { FORKPOINT_IMAGE });
      expectRefusal(told, /start pg1 \(127\.0\.0\.1:9[^]*docker images[^]*npm run docker:image/);
    });

    test('every address range taken: free one or name another', async () => {
      const prefix = `10.${220 + (process.pid % 30)}`;
      const taken = await openEngine().createNetwork({
        Name: `forkpoint-test-${process.pid}`,
        IPAM: { Driver: 'default', Config: [{ Subnet: `${prefix}.0.0/16` }] },
      });
      try {
        const told = await runOnDocker('partition-5s', { FORKPOINT_DOCKER_PREFIX: prefix });
        expectRefusal(
          told,
          /no free \/24 in 10\..*network prune.*FORKPOINT_DOCKER_PREFIX \(10\.99\)/,
        );
      } finally {
        await taken.remove();
      }
    });

    test('an invalid address range: its required form', async () => {
      const told = await runOnDocker('partition-5s', { FORKPOINT_DOCKER_PREFIX: '10.213.7.0/24' });
      expectRefusal(told, /FORKPOINT_DOCKER_PREFIX=10\.213\.7\.0\/24: needs the first two bytes/);
    });

    test('a port that another program uses: end that program or use another port', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const FORKPOINT_SINGLE_PORT = String((other.address() as AddressInfo).port);
      const told = await runOnDocker('single-crash-recovery', { FORKPOINT_SINGLE_PORT });
      other.close();
      expectRefusal(told, /start pg1.*Another program has this port; end it or/);
    });

    test('a disk too small for the data: which disk, and its variable', async () => {
      const told = await runOnDocker('partition-5s', { FORKPOINT_DOCKER_DISK: '16m' });
      const words =
        /its data disk \(\S+, 16m\) is full: .*No space left.*FORKPOINT_DOCKER_DISK[^]*--- pg1 postgres\.log/;
      expectRefusal(told, words);
    });

    test('a disk too small for the WAL: which disk, and its variable', async () => {
      const told = await runOnDocker('partition-5s', { FORKPOINT_DOCKER_DISK: '24m' });
      const words =
        /its wal disk \(\S+, 24m\) is full: .*No space left.*FORKPOINT_DOCKER_DISK[^]*--- pg1 postgres\.log/;
      expectRefusal(told, words);
    });

    test.each([
      ['at once', ''],
      ['while the cluster boots', 'sleep 2; '],
    ])('containers that end %s: which one, and the last lines of its log', async (_, before) => {
      await using image = await imageThat(['sh', '-c', `${before}echo it is on fire; exit 7`]);
      const told = await runOnDocker('partition-5s', { FORKPOINT_DOCKER_IMAGE: image.name });
      expectRefusal(told, /container (\w+) ended with exit code 7[^]*--- \1\nit is on fire/);
    });

    test('a single server that ends while it starts: the last lines of its log', async () => {
      await using image = await imageThat(['sh', '-c', 'sleep 1; echo it is on fire; exit 7']);
      const told = await runOnDocker('single-crash-recovery', { FORKPOINT_IMAGE: image.name });
      expectRefusal(told, /start pg1 \(forkpoint-test[^]*--- pg1\nit is on fire/);
    });
  },
);
