import { EnvironmentError, messageOf } from '../../std/errors.ts';
import type { PodAddress } from './pod-address.ts';

/** Why a connection to a pod was refused: the library gives an event of its WebSocket, whose message says the status alone. */
export function refused(
  { namespace, pod, container }: PodAddress,
  resource: 'exec' | 'attach' | 'portforward',
  error: unknown,
): EnvironmentError {
  const said = (error as { readonly message?: unknown }).message;
  const message = typeof said === 'string' && said !== '' ? said : messageOf(error);
  const status = /response: (\d+)/.exec(message)?.[1];
  const where = `pod ${pod}${container === undefined ? '' : `, container ${container}`} in namespace ${namespace}`;
  const remedy = (remedies[status ?? ''] ?? '').replace('pods/exec', `pods/${resource}`);
  return new EnvironmentError(`${resource} in ${where}: ${message}${remedy}`, { cause: error });
}

const remedies: Readonly<Record<string, string>> = {
  400: '; there is no such container in it, or it does not run, or it has several and none is named',
  401: '; the login of the kubeconfig is not accepted: try kubectl auth whoami',
  403: '; allow the verbs get and create on pods/exec there, or a policy forbids it',
  404: '; there is no such pod now',
  500: '; its container does not run now, or it has no sh',
};
