import { z } from 'zod';
import type { Shell, ShellKind } from '../contracts/shell.ts';
import { commandShell } from './support/command-shell.ts';

const params = z.strictObject({});

/** This host, as the user who runs Forkpoint. */
const local: ShellKind<z.infer<typeof params>> = {
  summary: 'Runs commands on this host.',
  params,
  make: () => localShell,
};

export const localShell: Shell = commandShell('this host', []);

export default local;
