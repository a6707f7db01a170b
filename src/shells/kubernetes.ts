import { z } from 'zod';
import type { Shell, ShellKind } from '../contracts/shell.ts';
import type { ApiParams } from './kubernetes/config.ts';
import type { PodAddress } from './kubernetes/pod-address.ts';

const params = z.strictObject({
  namespace: z.string().min(1).default('default'),
  pod: z.string().min(1),
  container: z.string().min(1).optional().describe('Needed where the pod has several.'),
  context: z.string().min(1).optional().describe('Of the kubeconfig; default: its current one.'),
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .describe('Default: KUBECONFIG, then ~/.kube/config, then the service account of this pod.'),
});

const kubernetes: ShellKind<z.infer<typeof params>> = {
  summary: "Runs commands in a pod's container, by exec through the API server.",
  params,
  example: { pod: 'pg-0' },
  make: (given) => shellIn(given),
};

/** Kubernetes' library is loaded with the first command: loading it takes longer than planning a scenario. */
function shellIn({
  namespace,
  pod,
  container,
  context,
  kubeconfig,
}: PodAddress & ApiParams): Shell {
  const opened = async (): Promise<Shell> => {
    const [{ loadConfig }, { podShell }] = await Promise.all([
      import('./kubernetes/config.ts'),
      import('./kubernetes/pod-shell.ts'),
    ]);
    return podShell(loadConfig({ context, kubeconfig }), { namespace, pod, container });
  };
  return {
    description: `kubectl -n ${namespace} exec ${pod}${container === undefined ? '' : ` -c ${container}`}`,
    run: async (argv, options) => (await opened()).run(argv, options),
    open: async (argv) => (await opened()).open(argv),
  };
}

export default kubernetes;
