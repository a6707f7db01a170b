import type { SinkServer } from '../../contracts/cluster.ts';
import { ports, type Place } from '../../machine/layout.ts';
import { sinkServer } from '../../machine/sink-server.ts';
import { startSinkServer } from './daemons.ts';
import { diskFolders } from './disks.ts';
import { clientSite, hostPath, labShell, socketFolder } from './enter.ts';
import { consumersSite } from './layout.ts';
import { hostOf } from './names.ts';
import type { LabRecord } from './record.ts';
import { tlsFiles } from './tls.ts';

/** The lab's PostgreSQL beside its cluster. */
export function sinkOf(record: LabRecord, place: Place): SinkServer {
  const { name, address } = place;
  return sinkServer({
    machine: { name, shell: labShell(record, name) },
    layout: record.layout,
    disks: diskFolders(name),
    endpoint: { host: address, port: ports.postgres },
    observer: { host: hostPath(record, socketFolder(name)), port: ports.postgres },
    credentials: record.credentials,
    ...(record.tls?.rootCertificates !== undefined && {
      sourceRootFile: tlsFiles(name).rootCertificate,
    }),
    consumers: clientSite(record, consumersSite),
    readers: { name: consumersSite, shell: labShell(record, consumersSite) },
    sources: record.layout.nodes.map((node) => ({
      host: hostOf(record, node),
      port: ports.postgres,
      ...(record.tls && { tls: record.tls }),
    })),
    startServer: () => startSinkServer(record, place),
  });
}
