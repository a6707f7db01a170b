import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { connect } from '../../src/pg/connect.ts';
import { testNamespace, type TestNamespace } from './kubernetes.ts';

/** One server without Patroni in a pod called `server`, and cluster files for it. */
export interface KubernetesServer extends AsyncDisposable {
  readonly namespace: TestNamespace;
  /** Writes a cluster file with other keys. Returns its path. */
  write(name: string, over: object): string;
  /** A file beside it. Returns its path. */
  writeText(name: string, text: string): string;
  /** A login as a client has it, from here. Errors: those of the connection. */
  login(): Promise<void>;
}

/** `tls`: PEM; without it the server has no TLS. */
export async function startKubernetesServer(
  prefix: string,
  tls?: { readonly certificate: string; readonly key: string; readonly root: string },
): Promise<KubernetesServer> {
  await using opened = new AsyncDisposableStack();
  const namespace = opened.use(await testNamespace(prefix));
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-kubernetes-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const secret = (name: string, stringData: object) =>
    namespace.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...{ stringData } });
  await secret('pg', { username: 'postgres', password });
  if (tls) {
    await secret('server-tls', { 'tls.crt': tls.certificate, 'tls.key': tls.key });
    await secret('server-ca', { 'ca.crt': tls.root });
  }
  await namespace.apply(serverPod(tls !== undefined));
  await namespace.untilReady('app=server', 1);
  const writeText = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const known = {
    backend: 'kubernetes',
    namespace: namespace.name,
    selector: 'app=server',
    nodes: ['server'],
    patroni: false,
    consent: ['network', 'process', 'sql'],
    credentials: { secret: 'pg' },
    helper: { image },
  };
  const held = opened.move();
  return {
    namespace,
    write: (name, over) => writeText(name, stringify({ ...known, ...over })),
    writeText,
    login: async () => {
      const [pod] = await namespace.pods('app=server');
      const endpoint = { host: pod?.status?.podIP ?? '', port: 5432 };
      const credentials = { user: 'postgres', password, database: 'postgres' };
      await using session = await connect(endpoint, credentials, { connectTimeoutMs: 10_000 });
      await session.rows('SELECT 1');
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const image = 'forkpoint-cluster:pg17';
const password = 'forkpoint';

/** PostgreSQL takes a key of root's only where others than its group cannot read it. */
function serverPod(hasTls: boolean) {
  const settings = ['ssl=on', 'ssl_cert_file=/tls/tls.crt', 'ssl_key_file=/tls/tls.key'];
  const args = hasTls ? ['postgres', ...settings.flatMap((each) => ['-c', each])] : ['postgres'];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'server', labels: { app: 'server' } },
    spec: {
      terminationGracePeriodSeconds: 0,
      // PostgreSQL's group in the image.
      securityContext: { fsGroup: 102 },
      containers: [
        {
          ...{ name: 'postgres', image, args },
          env: [{ name: 'POSTGRES_PASSWORD', value: password }],
          // Without requests, a pod that has some starves it on a busy node.
          resources: { requests: { cpu: '200m', memory: '128Mi' } },
          readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
          ...(hasTls && { volumeMounts: [{ name: 'tls', mountPath: '/tls' }] }),
        },
      ],
      ...(hasTls && {
        volumes: [{ name: 'tls', secret: { secretName: 'server-tls', defaultMode: 0o640 } }],
      }),
    },
  };
}
