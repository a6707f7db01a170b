import { beforeAll, describe, expect, test } from 'vitest';
import { callCli } from '../helpers/call-cli.ts';
import { startAuthority } from '../helpers/certificates.ts';
import { hasKubernetes, sayWhySkipped } from '../helpers/kubernetes.ts';
import { type KubernetesServer, startKubernetesServer } from '../helpers/kubernetes-server.ts';
import { temporaryReports } from '../helpers/local-lab.ts';
import { ownedBySuite } from '../helpers/owned-by-suite.ts';

sayWhySkipped();

/** What `doctor` says of the server, by the `tls` of the cluster file. */
const cases = [
  ['the right name', { secret: 'server-ca', serverName: 'pg-rw' }, /PostgreSQL 17\S*, primary/],
  ['another name', { secret: 'server-ca', serverName: 'other' }, /pg-rw|altnames|does not match/],
  [
    'no certificate',
    { secret: 'pg', caKey: 'username', mode: 'verify-ca' },
    /holds no certificate/,
  ],
  ['no such key', { secret: 'pg', caKey: 'root', mode: 'verify-ca' }, /no key 'root'.*tls\.caKey/],
  ['no such Secret', { secret: 'none', mode: 'verify-ca' }, /get secrets in namespace .*not found/],
] as const;

describe.skipIf(!hasKubernetes)('TLS to a server in a pod, with its authority in a Secret', () => {
  const reports = temporaryReports();
  const owned = ownedBySuite();
  owned.use(reports);
  let server: KubernetesServer;
  beforeAll(async () => {
    const authority = owned.use(await startAuthority());
    const { certificate, key } = await authority.issue('server', { names: ['pg-rw'] });
    server = owned.use(
      await startKubernetesServer('tls', { certificate, key, root: authority.root }),
    );
  }, 320_000);

  test.each(cases)(
    '%s is said as it is',
    async (name, tls, said) => {
      const file = server.write(`${name.replaceAll(' ', '-')}.yaml`, { tls });
      const { stdout, stderr } = await callCli(['doctor', '--cluster', file], {
        reports: reports.folder,
      });
      expect(stdout + stderr).toMatch(said);
    },
    120_000,
  );
});
