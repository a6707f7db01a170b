import type { CopyServer, WantedServer } from '../contracts/copy-server.ts';
import type { Registry } from '../contracts/registry.ts';
import { EnvironmentError, messageOf } from '../std/errors.ts';
import { hostServer } from './host-server.ts';

/**
 * What starts a copy: the run's own backend, for it has the programs that the node had; else this host, where its version fits; else
 * another backend.
 * Errors: EnvironmentError with what each of them lacks.
 */
export async function copyServerFor(
  wanted: WantedServer,
  { backends }: Pick<Registry, 'backends'>,
  ran: string,
): Promise<CopyServer> {
  const others = [...backends].filter(([name]) => name !== ran);
  const tries: readonly (() => Promise<CopyServer | undefined>)[] = [
    async () => backends.get(ran)?.copyServer?.(wanted),
    () => Promise.resolve().then(() => hostServer(wanted.version)),
    ...others.map(
      ([, backend]) =>
        async () =>
          backend.copyServer?.(wanted),
    ),
  ];
  const lacks: string[] = [];
  for (const one of tries) {
    try {
      const found = await one();
      if (found) return found;
    } catch (error) {
      lacks.push(messageOf(error));
    }
  }
  throw new EnvironmentError(
    `nothing here starts a copy of PostgreSQL ${wanted.version}: ${lacks.join('; ')}`,
  );
}
