import { z } from 'zod';
import type { Shell, ShellKind } from '../contracts/shell.ts';

const params = z.strictObject({
  container: z.string().min(1).describe('name or id of a running container'),
});

const docker: ShellKind<z.infer<typeof params>> = {
  summary: "Runs commands as root in a container, through the engine's API.",
  params,
  example: { container: 'pg1' },
  make: ({ container }) => shellIn(container),
};

/** The engine's library is loaded with the first command: loading it takes longer than planning a scenario. */
function shellIn(container: string): Shell {
  const opened = async (): Promise<Shell> => {
    const [{ engineShell }, { openEngine }] = await Promise.all([
      import('./docker/engine-shell.ts'),
      import('./docker/engine.ts'),
    ]);
    return engineShell(container, openEngine().getContainer(container));
  };
  return {
    description: `docker exec ${container}`,
    run: async (argv, options) => (await opened()).run(argv, options),
    open: async (argv) => (await opened()).open(argv),
  };
}

export default docker;
