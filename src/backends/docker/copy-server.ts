import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { CopyServer, RunningCopy, WantedServer } from '../../contracts/copy-server.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { start } from '../../std/exec.ts';
import {
  ask,
  askUnlessGone,
  type Container,
  type Engine,
  openEngine,
} from '../../shells/docker/engine.ts';
import { engineShell } from '../../shells/docker/engine-shell.ts';
import { beside, ownLabels } from './labels.ts';
import { isHere, joinReaper } from './reaper.ts';
import { relaySocket } from './relay-socket.ts';

/** It ends by itself then, if this process could not remove it; salvages take seconds. */
const longestSeconds = 3600;

/**
 * A container of the image that the copy's node ran from; where that is gone, of the project's image for its version.
 * Errors: EnvironmentError when no engine answers, or it has none of them.
 */
export async function copyServer({ version, image }: WantedServer): Promise<CopyServer> {
  const engine = openEngine();
  await ask('no engine answers', () => engine.ping());
  const own = process.env.FORKPOINT_DOCKER_IMAGE;
  const names = [image?.name, own, `forkpoint-cluster:pg${version}`];
  const named = names.filter((name) => name !== undefined && name !== '');
  for (const [id, name] of [[image?.id, image?.name], ...named.map((name) => [name, name])]) {
    if (id === undefined || name === undefined || !(await isHere(engine, id))) continue;
    return {
      where: `a container of ${name}`,
      start: (folder) => startCopy(engine, { id, name, version, folder }),
    };
  }
  throw new EnvironmentError(
    `the container engine has no image with PostgreSQL ${version} (looked for ${[...new Set(named)].join(', ')})`,
  );
}

/** $1: the folder of the copy. */
const serveScript = `
chown -R postgres: "$1" && chmod 700 "$1/data" && cd "$1" || exit 1
exec setpriv --reuid=postgres --regid=postgres --init-groups -- \\
  postgres -D "$1/data" -c "config_file=$1/postgresql.conf" > "$1/log" 2>&1`;

interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** The files are sent to it, so the engine may be on another machine; its socket is relayed through `docker exec`. */
async function startCopy(engine: Engine, wanted: Wanted): Promise<RunningCopy> {
  const { name, version, folder } = wanted;
  const container = await create(engine, wanted);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => remove(container));
  const shell = engineShell('the salvage', container);
  const { stdout } = await shell.run(['postgres', '--version']);
  if (!new RegExp(`\\s${version}\\D`).test(`${stdout}\n`)) {
    const found = stdout.trim() || 'no PostgreSQL';
    throw new EnvironmentError(`${name} has ${found}, and the copy is of PostgreSQL ${version}`);
  }
  await send(container, folder);
  const server = await shell.open(['sh', '-c', serveScript, 'sh', folder]);
  let hasEnded = false;
  void server.ended.then(() => (hasEnded = true));
  const socket = path.join(folder, 'socket', '.s.PGSQL.5432');
  const relay = await relaySocket(socket, () =>
    shell.open(['socat', '-', `UNIX-CONNECT:${socket}`]),
  );
  cleanup.use(relay);
  const made = cleanup.move();
  return {
    hasEnded: () => hasEnded,
    log: async () =>
      (await shell.run(['cat', `${folder}/log`]).catch(() => ({ stdout: '' }))).stdout,
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

async function create(engine: Engine, { id, name }: Wanted): Promise<Container> {
  const salvage = `salvage-${randomBytes(4).toString('hex')}`;
  const labels = { ...ownLabels(salvage), ...beside, ...(await joinReaper(engine, quiet)) };
  return ask(`start a container of ${name} for a copy`, async () => {
    const container = await engine.createContainer({
      name: `forkpoint-${salvage}`,
      Image: id,
      Entrypoint: ['sleep'],
      Cmd: [String(longestSeconds)],
      Labels: labels,
      HostConfig: { NetworkMode: 'none', AutoRemove: true },
    });
    try {
      await container.start();
    } catch (error) {
      await remove(container);
      throw error;
    }
    return container;
  });
}

const quiet = { log: () => undefined };

async function send(container: Container, folder: string): Promise<void> {
  const argv = ['tar', '-C', '/', '--numeric-owner', '-cf', '-', path.relative('/', folder)];
  const tar = start(argv, {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: { stdout: false },
  });
  const { stdout } = tar;
  if (!stdout) throw new EnvironmentError('tar started without a pipe');
  await ask('send the copy to its container', () => container.putArchive(stdout, { path: '/' }));
  const { exitCode, stderr } = await tar;
  if (exitCode !== 0)
    throw new EnvironmentError(`tar of the copy: exit code ${exitCode}: ${String(stderr)}`);
}

function remove(container: Container): Promise<void> {
  return askUnlessGone('remove the container of the copy', () =>
    container.remove({ force: true, v: true }),
  );
}
