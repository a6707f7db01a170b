import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../std/errors.ts';
import { type Api, ask } from './api.ts';
import type { KubernetesParams } from './params.ts';

const tailLines = 5_000;

/** The end of each pod's log, a file each, and in kubernetes.txt what could not be had or was not seen. Never rejects. */
export async function collectPodLogs(
  api: Api,
  { nodes, container }: Pick<KubernetesParams, 'nodes' | 'container'>,
  { directory, trouble }: { readonly directory: string; readonly trouble: string | undefined },
): Promise<void> {
  const { core, namespace } = api;
  const missing = await Promise.all(
    nodes.map(async (name) => {
      try {
        const text = await ask(api, 'get', 'pods/log', () =>
          core.readNamespacedPodLog({ namespace, name, container, tailLines }),
        );
        await writeFile(path.join(directory, `${name}.log`), text);
        return [];
      } catch (error) {
        return [messageOf(error)];
      }
    }),
  );
  const unseen = trouble === undefined ? [] : [`the pods were not seen at the end: ${trouble}`];
  const lines = [...missing.flat(), ...unseen];
  if (lines.length > 0)
    await writeFile(path.join(directory, 'kubernetes.txt'), `${lines.join('\n')}\n`);
}
