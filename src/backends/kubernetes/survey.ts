import type { ClusterSurvey, Lacks, NodeSurvey } from '../../contracts/backend.ts';
import type { Finding } from '../../contracts/finding.ts';
import { messageOf } from '../../std/errors.ts';
import { forwardPort } from '../../shells/kubernetes/port-forward.ts';
import type { NodeAccess } from '../external/access.ts';
import { examineServer } from '../external/examine.ts';
import { type Api, ask, openApi } from './api.ts';
import { openLocks } from './locks.ts';
import { Helpers, helperPod } from './helpers.ts';
import type { KubernetesParams } from './params.ts';
import { requireChaosMesh } from './objects/chaos-control.ts';
import { PodWatch } from './pods.ts';
import { missingRights } from './ask-rights.ts';
import { rights } from './rights.ts';
import { resolveCluster, usesMachines } from './resolve.ts';
import { hasWay } from './way.ts';

/** Asks the API server and every pod. Changes nothing: of the helper pod a creation is tried that the server only checks. */
export async function surveyPods(
  params: KubernetesParams,
  signal: AbortSignal,
): Promise<ClusterSurvey> {
  const api = openApi(params);
  using watch = await PodWatch.start(api, params);
  const [first = ''] = params.nodes;
  const helper = usesMachines(params)
    ? await helperFinding(api, params, watch.state(first).host)
    : undefined;
  await using helpers = new Helpers(api, { params, watch, runId: 'doctor' });
  const { accesses } = await resolveCluster(api, params, { watch, helpers });
  const { found, lacking } = await rightsFindings(api, params);
  const lock = await lockFindings(api, params, signal);
  const hasRoute = await hasWay(accesses);
  const nodes = await Promise.all(
    accesses.map(async (access): Promise<NodeSurvey> => {
      const { name, host, address } = watch.state(access.name);
      const pod = { name: 'pod', isMissing: false, detail: `${name} at ${address}, on ${host}` };
      const look = (at: NodeAccess) => serverFinding(() => examineServer(at, signal));
      const server = hasRoute ? [await look(access)] : await lookFromAfar(api, access, look);
      return {
        node: name,
        findings: [pod, ...server, ...(helper ? [helper] : []), ...lock, ...found],
      };
    }),
  );
  const missing = helper?.isMissing ? helper.detail : undefined;
  const lacks =
    missing === undefined
      ? {}
      : { network: missing, process: missing, shaping: missing, disk: missing, shell: missing };
  return { nodes, lacks: { ...lacks, ...lacking } };
}

/** None: the file names no lock, and no preset does. */
async function lockFindings(
  api: Api,
  params: KubernetesParams,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (!params.lock) return [];
  let detail = 'it can be read';
  const log = (sentence: string) => {
    detail = sentence;
  };
  try {
    await openLocks(api, params, { signal, log });
    return [{ name: 'leader lock', isMissing: false, detail }];
  } catch (error) {
    signal.throwIfAborted();
    return [{ name: 'leader lock', isMissing: true, detail: messageOf(error) }];
  }
}

/** From where pods' addresses lead nowhere, as from a laptop. */
async function lookFromAfar(
  api: Api,
  access: NodeAccess,
  look: (at: NodeAccess) => Promise<Finding>,
): Promise<readonly Finding[]> {
  const { host, port } = access.endpoint;
  const detail = `${host}:${port} leads nowhere from here, so no run can be made from here; looked at through a port-forward, which carries no load: it may end at the first reset. Run Forkpoint in the cluster, or on a host with a route to its pods`;
  await using forward = await forwardPort(
    api.config,
    { namespace: api.namespace, pod: access.name },
    port,
  );
  const endpoint = { ...access.endpoint, host: forward.host, port: forward.port };
  const found = await look({ ...access, endpoint });
  const why = found.isMissing && forward.trouble !== undefined ? `; ${forward.trouble}` : '';
  return [
    { name: 'way', isMissing: true, detail },
    { ...found, detail: `${found.detail}${why}` },
  ];
}

async function helperFinding(api: Api, params: KubernetesParams, host: string): Promise<Finding> {
  const { core, namespace } = api;
  const body = helperPod(params, host, 'doctor');
  try {
    await ask(api, 'create', 'pods', () =>
      core.createNamespacedPod({ namespace, body, dryRun: 'All' }),
    );
    return {
      name: 'helper',
      isMissing: false,
      detail: `may be made, of ${params.helper?.image ?? ''}`,
    };
  } catch (error) {
    return { name: 'helper', isMissing: true, detail: messageOf(error) };
  }
}

/** What is allowed by consent and not by the API server, or is not installed. */
async function rightsFindings(
  api: Api,
  { consent }: KubernetesParams,
): Promise<{ readonly found: readonly Finding[]; readonly lacking: Lacks }> {
  const harms = consent.filter((harm) => harm in rights);
  const each = await Promise.all(
    harms.map(async (harm) => {
      const missing = await missingRights(api, [harm]);
      const absent = harm === 'chaos' ? await absentChaos(api) : [];
      const detail = [...missing, ...absent].join('; ');
      return { name: harm, isMissing: detail !== '', detail: detail || 'allowed' };
    }),
  );
  const lacking = each.filter(({ isMissing }) => isMissing);
  return {
    found: each,
    lacking: Object.fromEntries(lacking.map(({ name, detail }) => [name, detail])),
  };
}

async function absentChaos(api: Api): Promise<readonly string[]> {
  try {
    await requireChaosMesh(api);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

async function serverFinding(ask: () => ReturnType<typeof examineServer>): Promise<Finding> {
  try {
    const { version, isPrimary, problems } = await ask();
    const detail = [
      `PostgreSQL ${version}, ${isPrimary ? 'primary' : 'replica'}`,
      ...problems,
    ].join('; ');
    return { name: 'server', isMissing: problems.length > 0, detail };
  } catch (error) {
    return { name: 'server', isMissing: true, detail: messageOf(error) };
  }
}
