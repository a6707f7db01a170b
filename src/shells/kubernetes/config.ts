import { KubeConfig } from '@kubernetes/client-node';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { suggestion } from '../../std/suggest.ts';

/** Which API server, and as whom. */
export interface ApiParams {
  /** File; default: KUBECONFIG, then ~/.kube/config, then the service account of the pod that this runs in. */
  readonly kubeconfig?: string | undefined;
  /** Default: the file's current one. */
  readonly context?: string | undefined;
}

/** Nothing is sent yet. Errors: EnvironmentError for a file that cannot be read, or a context that it lacks. */
export function loadConfig({ kubeconfig, context }: ApiParams): KubeConfig {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    const where = kubeconfig === undefined ? 'KUBECONFIG' : 'kubeconfig: of the cluster file';
    throw new EnvironmentError(
      `the kubeconfig cannot be read: ${messageOf(error)}; name one that kubectl works with in ${where}`,
      { cause: error },
    );
  }
  const names = config.getContexts().map(({ name }) => name);
  if (context !== undefined) {
    if (!names.includes(context)) throw noContext(context, names);
    config.setCurrentContext(context);
  }
  if (!config.getCurrentCluster() || config.getCurrentContext() === 'loaded-context') {
    throw new EnvironmentError(
      `kubeconfig: no context is chosen; ${names.length > 0 && names[0] !== 'loaded-context' ? `it has ${names.join(', ')}: ` : ''}write context: NAME, or set KUBECONFIG to a file that kubectl works with`,
    );
  }
  return config;
}

function noContext(context: string, names: readonly string[]): EnvironmentError {
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none';
  return new EnvironmentError(
    `kubeconfig: there is no context '${context}'${suggestion(context, names)}; ${known}`,
  );
}
