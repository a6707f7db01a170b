import { z } from 'zod';
import type { ShellKind } from '../contracts/shell.ts';
import { engineShell } from './docker/engine-shell.ts';
import { openEngine } from './docker/engine.ts';

const params = z.strictObject({
  container: z.string().min(1).describe('name or id of a running container'),
});

const docker: ShellKind<z.infer<typeof params>> = {
  summary: "Runs commands as root in a container, through the engine's API.",
  params,
  example: { container: 'pg1' },
  make: ({ container }) => engineShell(container, openEngine().getContainer(container)),
};

export default docker;
