/**
 * Process entry: a harness that boots a lab, cuts its leader off, starts a client, says so, and then does nothing
 * more. Its test ends it with SIGKILL. Prints one line of JSON: { init, client }.
 */
import { spawn } from 'node:child_process';
import { liveLabs } from '../../src/backends/local/record.ts';
import { bootLab } from './local-lab.ts';

const cluster = await bootLab(process.env.FORKPOINT_REPORTS ?? '');
const leader = cluster.nodes[0]!;
const everything = { action: 'drop', peer: { kind: 'all' }, service: 'all' } as const;
await leader.network?.apply('cut', [
  { ...everything, direction: 'in' },
  { ...everything, direction: 'out' },
]);
const [program, ...args] = cluster.sites[0]!.prefix;
const client = spawn(program!, [...args, 'sleep', '600'], { stdio: 'ignore' });
const [lab] = await liveLabs();
console.log(JSON.stringify({ init: lab?.init.pid, client: client.pid }));
setInterval(() => undefined, 60_000);
