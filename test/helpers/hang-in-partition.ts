/**
 * Process entry: a harness that boots a lab, cuts its leader off, starts a client, reports that, and then does nothing
 * more. Its test ends it with SIGKILL. Prints one line of JSON: { init, client }.
 */
import { once } from 'node:events';
import { liveLabs } from '../../src/backends/local/record.ts';
import { bootLab } from './local-lab.ts';

const cluster = await bootLab(process.env.FORKPOINT_REPORTS ?? '');
const leader = cluster.nodes[0]!;
const everything = { action: 'drop', peer: { kind: 'all' }, service: 'all' } as const;
await leader.network?.apply('cut', [
  { ...everything, direction: 'in' },
  { ...everything, direction: 'out' },
]);
const { stdout } = await cluster.sites[0]!.shell.open(['sh', '-c', 'echo $$; exec sleep 600']);
const [pid] = (await once(stdout, 'data')) as [Buffer];
const [lab] = await liveLabs();
console.log(JSON.stringify({ init: lab?.init.pid, client: Number(pid.toString()) }));
setInterval(() => undefined, 60_000);
