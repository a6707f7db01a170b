import { z } from 'zod';
import type { ShellKind } from '../contracts/shell.ts';
import { commandShell } from './support/command-shell.ts';

const params = z.strictObject({
  pid: z.int().positive().describe('a process whose namespaces are entered'),
  namespaces: z
    .array(z.enum(['mount', 'uts', 'ipc', 'net', 'pid', 'user', 'cgroup']))
    .min(1)
    .default(['mount', 'net', 'pid'])
    .describe('which of its namespaces'),
});
export type NsenterParams = z.infer<typeof params>;

/** Enters the namespaces of a process on this host: a container's, as root, or a lab's. */
const nsenter: ShellKind<NsenterParams> = {
  summary: 'Enters namespaces of a process on this host, as root.',
  params,
  example: { pid: process.pid },
  make: ({ pid, namespaces }) => {
    const flags = namespaces.map((namespace) => `--${namespace}`);
    return commandShell(`nsenter -t ${pid}`, ['nsenter', '-t', String(pid), ...flags, '--']);
  },
};

export default nsenter;
