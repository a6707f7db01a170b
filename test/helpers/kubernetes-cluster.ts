import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { http } from '../../src/patroni/http.ts';
import { openApi } from '../../src/backends/kubernetes/api.ts';
import { Helpers } from '../../src/backends/kubernetes/helpers.ts';
import { type KubernetesParams, kubernetesParams } from '../../src/backends/kubernetes/params.ts';
import { PodWatch } from '../../src/backends/kubernetes/pods.ts';
import { testNamespace, type TestNamespace } from './kubernetes.ts';

export const members = ['pg-0', 'pg-1', 'pg-2'] as const;

/** Three members of Patroni in a namespace of their own, and a cluster file for them. */
export interface KubernetesCluster extends AsyncDisposable {
  readonly namespace: TestNamespace;
  readonly file: string;
  /** Changes Patroni's dynamic configuration. */
  configure(settings: Readonly<Record<string, number>>): Promise<void>;
  /** A cluster file with other keys. */
  write(name: string, over: object): string;
  /** A file beside it. Returns its path. */
  writeText(name: string, text: string): string;
  /** A helper of the test's own, to look at members with tools that their containers may lack. */
  look(): Promise<Looker>;
}

/** The label of a run on its helper. */
export const lookerRun = 'test-looks';

export interface Looker extends AsyncDisposable {
  /** Runs a script in a member's network. */
  inside(member: string, script: string): Promise<string>;
}

export async function startKubernetesCluster(
  prefix: string,
  manifest: string,
  dcs: 'kubernetes' | 'etcd',
): Promise<KubernetesCluster> {
  await using opened = new AsyncDisposableStack();
  const namespace = opened.use(await testNamespace(prefix, manifest));
  const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-kubernetes-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  await namespace.untilReady('app=pg', members.length);
  const etcd = (await namespace.pods('app=etcd')).map(
    ({ status }) => `${status?.podIP ?? ''}:2379`,
  );
  const known = {
    namespace: namespace.name,
    selector: 'app=pg',
    nodes: [...members],
    consent: ['network', 'process', 'shaping', 'sql', 'patroni', 'pod'],
    credentials: { secret: 'pg' },
    dcs: dcs === 'etcd' ? etcd : dcs,
    lock: dcs === 'kubernetes' ? { configMaps: 'pg' } : { etcd: 'forkpoint' },
    helper: { image: 'forkpoint-cluster:pg17' },
  };
  const writeText = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const write = (name: string, over: object) =>
    writeText(name, stringify({ backend: 'kubernetes', ...known, ...over }));
  const file = write('cluster.yaml', {});
  const held = opened.move();
  return {
    namespace,
    file,
    configure: async (settings) => {
      const [pod] = await namespace.pods('app=pg');
      const target = { host: pod?.status?.podIP ?? '', port: 8008 };
      await http(target, { method: 'PATCH', path: '/config', body: settings, timeoutMs: 20_000 });
    },
    write,
    writeText,
    look: () => lookerOf(kubernetesParams.parse(known)),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** A helper of the test's own in the cluster of these parameters. */
export async function lookerOf(params: KubernetesParams): Promise<Looker> {
  await using opened = new AsyncDisposableStack();
  const api = openApi(params);
  const watch = opened.use(await PodWatch.start(api, params));
  const helpers = opened.use(new Helpers(api, { params, watch, runId: lookerRun }));
  const held = opened.move();
  return {
    inside: async (member, script) => {
      const { exitCode, stdout, stderr } = await helpers
        .shellTo(member)
        .run(['sh', '-c', script], { timeoutMs: 30_000 });
      if (exitCode !== 0) throw new Error(`${member}: ${stderr}`);
      return stdout;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
