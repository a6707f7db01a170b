import { CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { withDeadline } from '../../std/with-deadline.ts';
import { loadConfig } from '../../shells/kubernetes/config.ts';
import type { KubernetesParams } from './params.ts';

/** An API server, and the namespace of the cluster there. */
export interface Api {
  readonly config: KubeConfig;
  readonly core: CoreV1Api;
  readonly namespace: string;
}

/** Nothing is sent yet. Errors: EnvironmentError for a kubeconfig or a context that is none. */
export function openApi(
  params: Pick<KubernetesParams, 'kubeconfig' | 'context' | 'namespace'>,
): Api {
  const config = loadConfig(params);
  return { config, core: config.makeApiClient(CoreV1Api), namespace: params.namespace };
}

/** HTTP status of an answer; undefined: none came. */
export function codeOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

/** An API server behind a cut path answers nothing, and the library itself waits for ever. */
const answerTimeoutMs = 30_000;

/**
 * Runs one request. `verb` and `resource`: as RBAC names them, `get` and `secrets`.
 * Errors: EnvironmentError with what the server said, and the right or the step that is missing; after 30 s without an answer, when
 * whether it was carried out is unknown.
 */
export async function ask<T>(
  where: Pick<Api, 'namespace'> | { readonly isClusterWide: true },
  verb: string,
  resource: string,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(request(), { what: 'the API server', timeoutMs: answerTimeoutMs });
  } catch (error) {
    const code = codeOf(error);
    const said = saidBy(error);
    const isWide = 'isClusterWide' in where;
    const what = `${verb} ${resource}${isWide ? '' : ` in namespace ${where.namespace}`}`;
    const role = isWide ? 'a ClusterRole' : 'a Role of that namespace';
    const remedy =
      code === 403 && !/violates|denied the request|exceeded quota/.test(said)
        ? `; allow the verb ${verb} on ${resource} in ${role}`
        : (remedies[String(code)] ?? '');
    throw new EnvironmentError(`${what}: ${said}${remedy}`, { cause: error });
  }
}

const remedies: Readonly<Record<string, string>> = {
  401: '; the login of the kubeconfig is not accepted',
  undefined: '; the API server of the kubeconfig does not answer',
};

/** The message of the server's Status, which the library leaves inside a text. */
function saidBy(error: unknown): string {
  const { body } = error as { readonly body?: unknown };
  try {
    const status: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    const { message } = status as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // No Status: a proxy answered.
  }
  const { cause } = error as { readonly cause?: unknown };
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${messageOf(cause)}`;
}
