import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { EnvironmentError } from '../../std/errors.ts';

interface Environment {
  DOCKER_HOST?: string | undefined;
  DOCKER_CONTEXT?: string | undefined;
  DOCKER_CONFIG?: string | undefined;
  DOCKER_CERT_PATH?: string | undefined;
  DOCKER_TLS_VERIFY?: string | undefined;
}

/**
 * Sets the environment to the engine that the docker command would use: DOCKER_HOST, or the context of DOCKER_CONTEXT or of
 * `docker context use`. All code that talks to an engine reads these variables.
 * Errors: EnvironmentError when the context does not exist.   Source: docker/cli, resolveContextName and context/store.
 */
export function useContext(env: Environment = process.env): void {
  if (env.DOCKER_HOST !== undefined && env.DOCKER_HOST !== '') return;
  const folder = env.DOCKER_CONFIG ?? path.join(homedir(), '.docker');
  const name = [env.DOCKER_CONTEXT, chosenContext(folder)].find(
    (one) => one !== undefined && one !== '',
  );
  if (name === undefined || name === 'default') return;
  const id = createHash('sha256').update(name).digest('hex');
  env.DOCKER_HOST = hostOf(name, path.join(folder, 'contexts/meta', id, 'meta.json'));
  const certificates = path.join(folder, 'contexts/tls', id, 'docker');
  if (!existsSync(certificates)) return;
  env.DOCKER_CERT_PATH = certificates;
  env.DOCKER_TLS_VERIFY = '1';
}

function chosenContext(folder: string): string | undefined {
  const file = path.join(folder, 'config.json');
  if (!existsSync(file)) return undefined;
  const { currentContext } = readJson(file) as { readonly currentContext?: unknown };
  return typeof currentContext === 'string' ? currentContext : undefined;
}

function hostOf(name: string, file: string): string {
  if (!existsSync(file)) {
    throw new EnvironmentError(
      `docker context '${name}' does not exist (${file}). Choose another: docker context use NAME, or name an engine with DOCKER_HOST`,
    );
  }
  const meta = readJson(file) as {
    readonly Endpoints?: { readonly docker?: { readonly Host?: unknown } };
  };
  const host = meta.Endpoints?.docker?.Host;
  if (typeof host === 'string' && host !== '') return host;
  throw new EnvironmentError(`docker context '${name}' names no engine (${file})`);
}

function readJson(file: string): unknown {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : {};
  } catch (error) {
    throw new EnvironmentError(
      `${file} cannot be read: repair it, or name an engine with DOCKER_HOST`,
      { cause: error },
    );
  }
}
