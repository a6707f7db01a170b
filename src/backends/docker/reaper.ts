import type { BootOptions } from '../../contracts/backend.ts';
import { messageOf } from '../../std/errors.ts';
import { ask, type Engine } from '../../shells/docker/engine.ts';
import type { Labels } from './labels.ts';

/** The caller's setting: later, testcontainers reads the same variable with the value found here. */
const isForbidden = process.env.TESTCONTAINERS_RYUK_DISABLED === 'true';

/**
 * Registers this process with Ryuk, testcontainers' reaper: objects with the returned labels are removed some seconds after
 * the process has ended, for any reason. No labels if the reaper's image is not in the engine: it is never pulled, and the
 * next start removes the same objects by the owner's labels.
 */
export async function joinReaper(
  engine: Engine,
  options: Pick<BootOptions, 'log'>,
): Promise<Labels> {
  const image = isForbidden ? undefined : await presentImage(engine);
  // PostgreSqlContainer reads these itself.
  process.env.TESTCONTAINERS_RYUK_DISABLED = image === undefined ? 'true' : 'false';
  if (image === undefined) return {};
  process.env.RYUK_CONTAINER_IMAGE = image;
  try {
    const testcontainers = await import('testcontainers');
    const client = await testcontainers.getContainerRuntimeClient();
    const { sessionId } = await testcontainers.getReaper(client);
    return { [testcontainers.LABEL_TESTCONTAINERS_SESSION_ID]: sessionId };
  } catch (error) {
    process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
    options.log(
      `${image} does not start (${messageOf(error)}): the next start removes what is left`,
    );
    return {};
  }
}

/** The image of RYUK_CONTAINER_IMAGE, or any release of testcontainers' own. */
async function presentImage(engine: Engine): Promise<string | undefined> {
  const asked = process.env.RYUK_CONTAINER_IMAGE ?? '';
  if (asked !== '') return (await isHere(engine, asked)) ? asked : undefined;
  const images = await ask('list images', () => engine.listImages());
  return images
    .flatMap(({ RepoTags: names }) => (names as string[] | null) ?? [])
    .find((name) => /(^|\/)testcontainers\/ryuk:/.test(name));
}

/** Whether the engine has it, without asking a registry. */
export async function isHere(engine: Engine, image: string): Promise<boolean> {
  return engine
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}
