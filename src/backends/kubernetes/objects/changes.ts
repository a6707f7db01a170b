import type { Json } from '../../../contracts/json.ts';
import type { ObjectChange, ObjectControl } from '../../../contracts/objects.ts';
import { EnvironmentError } from '../../../std/errors.ts';
import { waitUntil } from '../../../std/wait.ts';
import { type Api, ask, codeOf } from '../api.ts';
import { request } from '../request.ts';
import type { UndoPod } from './undo-pod.ts';

/** Verb and resource, for messages of RBAC. */
export interface Right {
  readonly verb: string;
  readonly resource: string;
}

/** One request to the API server, by its path. Errors: EnvironmentError naming the right that is missing. */
export function askFor(
  api: Api,
  { verb, resource }: Right,
  asked: Parameters<typeof request>[1],
): Promise<Json> {
  const namespace = /\/namespaces\/([^/]+)\//.exec(asked.path)?.[1];
  return ask(
    namespace === undefined ? { isClusterWide: true } : { namespace },
    verb,
    resource,
    () => request(api.config, asked),
  );
}

/** 404 is an answer, too. */
export async function find(api: Api, resource: string, path: string): Promise<Json | undefined> {
  return askFor(api, { verb: 'get', resource }, { method: 'GET', path }).catch((error: unknown) => {
    if (codeOf((error as Error).cause) === 404) return undefined;
    throw error;
  });
}

/** 422: the first step of the patch, which tests our mark, failed. */
const nothingToTakeBack = [404, 422];

/** `undoPod`: lets go of what it holds, once that is done; undefined: nothing holds it, as when a dead run is healed. */
export function objectControl(api: Api, undoPod?: UndoPod): ObjectControl {
  return {
    takeBack: async (change) => {
      const { path, patch } = change;
      const right = { verb: patch ? 'patch' : 'delete', resource: resourceOf(path) };
      try {
        await askFor(
          api,
          right,
          patch
            ? { method: 'PATCH', path, patch: 'json', body: patch }
            : { method: 'DELETE', path },
        );
      } catch (error) {
        const code = codeOf((error as Error).cause);
        if (code === undefined || !nothingToTakeBack.includes(code)) throw error;
      }
      if (!patch) await untilGone(api, change);
      await undoPod?.release(change);
    },
    holds: async ({ path, sets }) => {
      const found = await find(api, resourceOf(path), path);
      if (found === undefined || !sets) return found !== undefined;
      let at: Json | undefined = found;
      for (const key of sets.field.split('/').slice(1)) at = (at as Mapping | undefined)?.[key];
      return at === sets.value;
    },
  };
}

type Mapping = Readonly<Record<string, Json>>;

/** '/apis/apps/v1/namespaces/db/statefulsets/pg' -> statefulsets */
export function resourceOf(path: string): string {
  return path.split('/').at(-2) ?? '';
}

const goneTimeoutMs = 25_000;

/** A controller may have to end first what the object asked it for. */
async function untilGone(api: Api, { what, path }: ObjectChange): Promise<void> {
  let left: Json | undefined;
  const isGone = async () => {
    left = await find(api, resourceOf(path), path);
    return left === undefined;
  };
  try {
    await waitUntil(`${what} is gone`, isGone, { timeoutMs: goneTimeoutMs, everyMs: 250 });
  } catch (error) {
    const { metadata } = (left ?? {}) as {
      metadata?: { finalizers?: readonly string[]; deletionTimestamp?: string };
    };
    if (metadata?.deletionTimestamp === undefined || !metadata.finalizers) throw error;
    throw new EnvironmentError(
      `${what}: was deleted, and its controller has not removed its finalizers ${metadata.finalizers.join(', ')} in ${goneTimeoutMs / 1000} s, so what it did may be in force still`,
      { cause: error },
    );
  }
}
