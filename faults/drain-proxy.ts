import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { duration } from '../src/std/units/units.ts';
import { allDone, monotonicMs, sleepUntil } from '../src/std/wait.ts';
import { type HaproxyServer, serversOf, sessionsOn } from './support/haproxy-servers.ts';
import { askProxy, proxiesOfKind, routeProblems } from './support/proxies.ts';

const params = z.strictObject({
  /** How long the connections that are there may go on; what is left then is ended. */
  limit: duration.prefault('30s'),
});

/**
 * What an operator does before a node is taken away: HAProxy sends no new connection there, and those that are there end as their
 * clients like. In force when none is left.
 */
const drainProxy: Fault<z.infer<typeof params>> = {
  summary: 'Drains its targets in every HAProxy: no new connections; makes them ready to heal.',
  params,
  targets: 'nodes',
  effects: { servers: 'none' },
  needs: () => ['shell', 'proxy'],
  problems: (_params, _names, load) => routeProblems(load, 'haproxy'),

  async inject(targets, { limit }, { cluster, signal, undo }) {
    const names = targets.map(({ name }) => name);
    const all = await allDone(
      proxiesOfKind(cluster, 'haproxy').map((proxy) =>
        serversOf(proxy, names, { cluster, signal }),
      ),
    );
    const servers = all.flat();
    for (const { proxy, path } of servers) {
      const argv = proxy.control.adminCommand(`set server ${path} state ready`);
      undo({ do: 'exec', node: proxy.name, argv });
    }
    for (const { proxy, path } of servers) {
      await askProxy(proxy, `set server ${path} state drain`, { signal });
    }
    const drained = await allDone(servers.map((server) => untilDrained(server, limit, signal)));
    return { drained };
  },

  async lapsed(targets, _params, { cluster, signal }) {
    const names = targets.map(({ name }) => name);
    for (const proxy of proxiesOfKind(cluster, 'haproxy')) {
      const servers = await serversOf(proxy, names, { cluster, signal });
      const back = servers.find(({ isDrained }) => !isDrained);
      if (back)
        return `${proxy.name} sends connections to ${back.path} again, from outside the run`;
    }
    return undefined;
  },
};
export default drainProxy;

/** `ended`: so many connections that were left at the limit. */
async function untilDrained(server: HaproxyServer, limitMs: number, signal: AbortSignal) {
  const { proxy, path, node } = server;
  const begunMs = monotonicMs();
  const had = await sessionsOn(server, signal);
  let left = had;
  while (left > 0 && monotonicMs() - begunMs < limitMs) {
    await sleepUntil(monotonicMs() + 100, signal);
    left = await sessionsOn(server, signal);
  }
  if (left > 0) await askProxy(proxy, `shutdown sessions server ${path}`, { signal });
  const afterMs = Math.round(monotonicMs() - begunMs);
  return { proxy: proxy.name, node, server: path, connections: had, afterMs, ended: left };
}
