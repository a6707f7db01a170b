import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { BootOptions } from '../../contracts/backend.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { buildCommand } from '../../shells/docker/advice.ts';
import { withoutFrames } from './containers.ts';
import { type Container, type Engine, engineError } from '../../shells/docker/engine.ts';
import { ownLabels } from './labels.ts';
import { firstMember } from './member-names.ts';
import { isHere, joinReaper } from './reaper.ts';
import { singleParameters } from './single-parameters.ts';

export const name = firstMember;
const postgresPort = 5432;
/** Lines of the log of a server that did not start. */
const tailLines = 20;

export interface Server {
  readonly container: Container;
  /** On 127.0.0.1, the same for the container's whole life, restarts included. */
  readonly port: number;
  readonly password: string;
}

/** Starts a server that accepts connections. Errors: EnvironmentError with the last lines of its log. */
export async function startServer(engine: Engine, options: BootOptions): Promise<Server> {
  const image = options.image ?? (await chooseImage(engine));
  const port = await choosePort();
  options.log(`one PostgreSQL from ${image}, through port ${port} of this host`);
  await joinReaper(engine, options);
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const password = randomBytes(12).toString('hex');
  const settings = { ...singleParameters, ...options.spec.parameters };
  const containerName = `forkpoint-${options.id}-${name}`;
  const lines: string[] = [];
  const wanted = new PostgreSqlContainer(image)
    .withName(containerName)
    .withUsername('postgres')
    .withDatabase('postgres')
    .withPassword(password)
    .withLabels({ ...ownLabels(options.id, options.directory) })
    .withExposedPorts({ container: postgresPort, host: port })
    .withCommand([
      'postgres',
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ])
    // Testcontainers removes a container that did not start, with its log.
    .withLogConsumer((log) => log.on('data', (line: Buffer) => lines.push(String(line).trimEnd())));
  try {
    const started = await wanted.start();
    return { container: engine.getContainer(started.getId()), port, password };
  } catch (error) {
    const container = engine.getContainer(containerName);
    throw await describeFailure(engine, { image, error, lines, container });
  }
}

async function describeFailure(
  engine: Engine,
  failed: {
    readonly image: string;
    readonly error: unknown;
    readonly lines: readonly string[];
    readonly container: Container;
  },
): Promise<EnvironmentError> {
  const { image, error, lines, container } = failed;
  const told = engineError(`start ${name} (${image})`, error);
  if (!(await isHere(engine, image))) {
    return new EnvironmentError(
      `${told.message.trim()}. The image is not in the engine, and no registry has it: name one that \`docker images\` lists ` +
        `(--image, or FORKPOINT_IMAGE), or build one: ${buildCommand}`,
      { cause: error },
    );
  }
  const said = lines.length > 0 ? lines : await logOf(container);
  if (said.length === 0) return told;
  const tail = said.slice(-tailLines).join('\n');
  return new EnvironmentError(`${told.message}\n--- ${name}\n${tail}`, { cause: error });
}

/** Empty if there is no such container. */
async function logOf(container: Container): Promise<readonly string[]> {
  const raw = await container.logs({ stdout: true, stderr: true }).catch(() => Buffer.alloc(0));
  const text = withoutFrames(raw).trimEnd();
  return text === '' ? [] : text.split('\n');
}

/** FORKPOINT_IMAGE, else the official image, else the project's own if only that one is in the engine. */
async function chooseImage(engine: Engine): Promise<string> {
  const asked = process.env.FORKPOINT_IMAGE;
  if (asked !== undefined && asked !== '') return asked;
  const own = process.env.FORKPOINT_DOCKER_IMAGE ?? 'forkpoint-cluster:pg17';
  for (const image of ['postgres:17', own]) if (await isHere(engine, image)) return image;
  return 'postgres:17';
}

/** FORKPOINT_SINGLE_PORT, else a port that is free now. Errors: EnvironmentError. */
async function choosePort(): Promise<number> {
  const asked = process.env.FORKPOINT_SINGLE_PORT;
  if (asked === undefined || asked === '') return freePort();
  const port = Number(asked);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new EnvironmentError(`FORKPOINT_SINGLE_PORT=${asked}: needs a port from 1 to 65535`);
}

/** Errors: EnvironmentError. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) =>
      reject(new EnvironmentError(`no free port on 127.0.0.1: ${messageOf(error)}`)),
    );
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
