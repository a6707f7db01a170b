import type { Machine } from '../../contracts/cluster.ts';
import { scriptedShell } from './scripted-shell.ts';

interface Hooks {
  /** Logs it, or fails. */
  readonly harm: (owner: string, what: string) => Promise<unknown>;
  readonly stopped: Set<string>;
}

/** An HAProxy and a PgBouncer that remember their commands; the real ones are in test/acceptance. */
export function recordingProxies(nodes: readonly string[], hooks: Hooks): readonly Machine[] {
  return [
    {
      name: 'haproxy1',
      proxy: { kind: 'haproxy', adminCommand: (command) => ['admin', command] },
      shell: scriptedShell(async ([, command = '']) => ({
        stdout: await haproxy(command, nodes, hooks),
      })),
    },
    {
      name: 'pgbouncer1',
      proxy: { kind: 'pgbouncer', adminCommand: (command) => ['admin', command] },
      shell: scriptedShell(async ([, command = '']) => {
        if (command === 'RESUME') hooks.stopped.delete('pool of pgbouncer1');
        if (command === 'PAUSE') {
          await hooks.harm('pgbouncer1', 'PAUSE');
          hooks.stopped.add('pool of pgbouncer1');
        }
        return {};
      }),
    },
  ];
}

async function haproxy(
  command: string,
  nodes: readonly string[],
  { harm, stopped }: Hooks,
): Promise<string> {
  const [, node = '', state = ''] = /^set server primary\/(\S+) state (\S+)/.exec(command) ?? [];
  if (state === 'ready') stopped.delete(`drain of ${node}`);
  if (state === 'drain') {
    await harm(node, 'drain');
    stopped.add(`drain of ${node}`);
  }
  if (command === 'show servers state') {
    const rows = nodes.map((name, at) => {
      const drained = stopped.has(`drain of ${name}`) ? 8 : 0;
      return `3 primary ${at + 1} ${name} ${name} 2 ${drained}`;
    });
    const head = '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state';
    return ['1', head, ...rows, ''].join('\n');
  }
  if (command !== 'show stat') return '';
  return ['# pxname,svname,scur', ...nodes.map((name) => `primary,${name},0`), ''].join('\n');
}
