import type { RouteEntry } from '../../contracts/cluster.ts';
import type { TlsOptions } from '../../contracts/tls.ts';
import {
  type CertificatePlace,
  issueCertificate,
  makeAuthority,
} from '../../machine/certificates.ts';
import { type Place, ports } from '../../machine/layout.ts';
import { dataFolder } from './disks.ts';
import { labShell } from './enter.ts';
import { labFolder } from './layout.ts';
import { nameOf } from './names.ts';
import type { tlsModes } from './params.ts';
import type { LabRecord } from './record.ts';

const authority = `${labFolder}/authority`;

/** The files of one server, as its Patroni names them to PostgreSQL and libpq. */
export function tlsFiles(node: string) {
  const base = `${labFolder}/${node}/server`;
  return { certificate: `${base}.crt`, key: `${base}.key`, rootCertificate: `${authority}/ca.crt` };
}

/** The certificate and the key of one server. Proxies pass TLS on, so theirs are among its addresses. */
export function certificatePlace(record: LabRecord, { name, address }: Place): CertificatePlace {
  const proxies = record.layout.proxies ?? [];
  return {
    name,
    shell: labShell(record, name),
    authority,
    base: `${labFolder}/${name}/server`,
    names: [name, nameOf(name), address, ...proxies.map((proxy) => proxy.address)],
    ...(!record.isRootless && { owner: 'postgres' }),
    dataFolder: dataFolder(name),
    address,
    port: ports.postgres,
  };
}

/** Makes the authority and a certificate for each server; returns how clients connect. Errors: ClusterError with what openssl said. */
export async function makeCertificates(
  record: LabRecord,
  mode: (typeof tlsModes)[number],
): Promise<TlsOptions> {
  const [first] = record.layout.nodes;
  const machine = { name: 'the lab', shell: labShell(record, first?.name ?? '') };
  const rootCertificates = await makeAuthority(machine, authority);
  await Promise.all(
    record.layout.nodes.map((place) => issueCertificate(certificatePlace(record, place))),
  );
  // With roots, `require` would verify.
  return mode === 'require' ? { mode } : { mode, rootCertificates };
}

/** HAProxy does not speak PostgreSQL's protocol: TLS passes through it. */
export function overTls(entries: readonly RouteEntry[], tls: TlsOptions): readonly RouteEntry[] {
  return entries.map((entry) => ({ ...entry, endpoint: { ...entry.endpoint, tls } }));
}
