import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { packageRoot } from '../../evidence/store/run-folders.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** The parts of a service that the backend uses; health checks, ports and order are for the compose command. */
const service = z.object({
  image: z.string(),
  command: z.array(z.string()),
  hostname: z.string(),
  environment: z.record(z.string(), scalar).default({}),
  cap_add: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  shm_size: z
    .string()
    .regex(/^\d+m$/)
    .default('64m'),
  networks: z.object({ cluster: z.object({ ipv4_address: z.ipv4() }) }),
});
const composeFile = z.object({ services: z.record(z.string(), service) });

export interface Service {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly tmpfs: readonly string[];
  readonly shmBytes: number;
  readonly address: string;
}

const file = new URL('docker-compose.ha.yml', packageRoot);

/**
 * The services of docker-compose.ha.yml, with these values in place of its variables.
 * Errors: EnvironmentError when the file was edited into something else.
 */
export async function readComposeFile(
  variables: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Service>> {
  try {
    return parseCompose(await readFile(file, 'utf8'), variables);
  } catch (error) {
    throw new EnvironmentError(`docker-compose.ha.yml: ${messageOf(error)}`, { cause: error });
  }
}

export function parseCompose(
  text: string,
  variables: Readonly<Record<string, string>>,
): ReadonlyMap<string, Service> {
  const raw: unknown = parse(interpolate(text, variables), { merge: true });
  const { services } = composeFile.parse(raw);
  return new Map(
    Object.entries(services).map(([name, given]) => [
      name,
      {
        name,
        image: given.image,
        command: given.command,
        environment: given.environment,
        capabilities: given.cap_add,
        tmpfs: given.tmpfs,
        shmBytes: Number.parseInt(given.shm_size, 10) * 1024 * 1024,
        address: given.networks.cluster.ipv4_address,
      },
    ]),
  );
}

/** `${NAME:-default}`, the only form in the file. */
function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\{([A-Z_]+):-([^}]*)\}/g,
    (_whole, name: string, otherwise: string) => variables[name] ?? otherwise,
  );
}
