/** Process entry: continues a frozen container; harmless if it runs, or is gone. Argument: its id. */
import { pathToFileURL } from 'node:url';
import { openEngine } from '../../shells/docker/engine.ts';

async function unpause(id: string): Promise<void> {
  const container = openEngine().getContainer(id);
  const state = await container.inspect().catch(() => undefined);
  if (state?.State.Paused === true) await container.unpause();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await unpause(process.argv[2] ?? '');
}
