import type { Credentials, SinkServer } from '../../contracts/cluster.ts';
import { ports } from '../../machine/layout.ts';
import { sinkServer } from '../../machine/sink-server.ts';
import { startDetached } from '../../shells/docker/engine-shell.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { dataFolder, disks, folder, walFolder } from './layout.ts';
import { relayTo } from './member.ts';
import type { Parts } from './parts.ts';
import { siteOf, thisHost } from './sites.ts';

/** The cluster's PostgreSQL beside it, in a container of the nodes' image; undefined: it was booted without one. */
export function sinkOf(
  { access, layout, members, sink, consumers }: Parts,
  credentials: Credentials,
): SinkServer | undefined {
  if (!sink) return undefined;
  return sinkServer({
    machine: { name: sink.name, shell: access.shell(sink) },
    layout,
    disks,
    endpoint: access.endpoint(sink),
    observer: access.observer(sink),
    credentials,
    consumers: consumers ? siteOf(access, consumers) : { ...thisHost, name: 'consumers' },
    ...(consumers && { readers: { name: consumers.name, shell: access.shell(consumers) } }),
    sources: members.map(({ address }) => ({ host: address, port: ports.postgres })),
    startServer: () => startServer(access, sink),
  });
}

/** The image's own role makes its data directory the first time; then it is the server that was killed. */
async function startServer(access: Access, { name, container }: Box): Promise<void> {
  const script =
    `${relayTo(access)}exec forkpoint-entrypoint postgres -c shared_buffers=16MB ` +
    `-c unix_socket_directories=/var/run/postgresql >> ${folder}/postgres.log 2>&1`;
  await startDetached(name, container, ['bash', '-c', script], {
    PGDATA: dataFolder,
    POSTGRES_INITDB_ARGS: `--waldir=${walFolder} --locale=C --encoding=UTF8`,
  });
}
