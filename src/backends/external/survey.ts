import type { ClusterSurvey, NodeSurvey } from '../../contracts/backend.ts';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Finding } from '../../contracts/finding.ts';
import { probeMachine } from '../../machine/probe.ts';
import { messageOf } from '../../std/errors.ts';
import { accessesOf, type NodeAccess } from './access.ts';
import { examineRest, examineServer } from './examine.ts';
import { examineSite } from './examine-site.ts';
import { Machines } from './machines.ts';
import { type ExternalParams, machineHarms } from './params.ts';

/** Asks every node, through every way that the file gives. Changes nothing. */
export async function surveyCluster(
  params: ExternalParams,
  signal: AbortSignal,
): Promise<ClusterSurvey> {
  const accesses = await accessesOf(params);
  const machines = new Machines(accesses, params);
  const used = params.consent.filter((harm) => machineHarms.includes(harm));
  const surveyed = await Promise.all(
    accesses.map((access) => surveyNode(access, machines, { used, signal })),
  );
  const reasons = used.flatMap((harm) => {
    const missing = surveyed.flatMap(({ node, unable }) =>
      unable.flatMap((one) => (one.harms.includes(harm) ? [`${node}: ${one.why}`] : [])),
    );
    return missing.length === 0 ? [] : [[harm, missing.join('; ')] as const];
  });
  const nodes = surveyed.map(({ node, findings }): NodeSurvey => ({ node, findings }));
  const [proxies, site] = await Promise.all([proxySurveys(machines, used), siteSurvey(params)]);
  return { nodes: [...nodes, ...proxies, ...site], lacks: Object.fromEntries(reasons) };
}

/** What one lacks is no reason against a scenario that leaves it alone. */
async function proxySurveys(
  machines: Machines,
  used: readonly CapabilityName[],
): Promise<readonly NodeSurvey[]> {
  const harms = used.filter((harm) => harm === 'network' || harm === 'shaping');
  return Promise.all(
    machines.proxies.map(async (name): Promise<NodeSurvey> => {
      const { findings } = await machineFindings(name, machines, harms);
      return { node: name, findings };
    }),
  );
}

async function siteSurvey(params: ExternalParams): Promise<readonly NodeSurvey[]> {
  const site = params.sites?.clients;
  if (!site) return [];
  const problems = await examineSite(params);
  const detail = problems.join('; ') || `${site.shell.join(' ')}, ${site.command.join(' ')}`;
  const finding = { name: 'Forkpoint', isMissing: problems.length > 0, detail };
  return [{ node: 'sites.clients', findings: [finding] }];
}

interface Unable {
  readonly harms: readonly CapabilityName[];
  readonly why: string;
}

interface Surveyed extends NodeSurvey {
  readonly unable: readonly Unable[];
}

async function surveyNode(
  access: NodeAccess,
  machines: Machines,
  how: { readonly used: readonly CapabilityName[]; readonly signal: AbortSignal },
): Promise<Surveyed> {
  const { name } = access;
  const [server, rest, machine] = await Promise.all([
    serverFinding(access, how.signal),
    restFinding(access, how.signal),
    machineFindings(name, machines, how.used),
  ]);
  return { node: name, findings: [server, rest, ...machine.findings], unable: machine.unable };
}

async function serverFinding(access: NodeAccess, signal: AbortSignal): Promise<Finding> {
  const { endpoint } = access;
  const found = { name: 'server' };
  try {
    const { version, isPrimary, problems, mayReadWal } = await examineServer(access, signal);
    const tls = endpoint.tls ? `TLS ${endpoint.tls.mode}` : 'no TLS';
    const role = isPrimary ? 'primary' : 'replica';
    const causes = mayReadWal ? '' : '; pg_wal may not be read, so a loss has no known cause';
    const detail = `PostgreSQL ${version}, ${role}, ${endpoint.host}:${endpoint.port}, ${tls}${causes}`;
    if (problems.length === 0) return { ...found, isMissing: false, detail };
    return { ...found, isMissing: true, detail: `${detail}; ${problems.join('; ')}` };
  } catch (error) {
    signal.throwIfAborted();
    return { ...found, isMissing: true, detail: messageOf(error) };
  }
}

async function restFinding(access: NodeAccess, signal: AbortSignal): Promise<Finding> {
  const found = { name: 'Patroni' };
  const { rest, params } = access;
  if (!rest) {
    const detail = 'no REST address in the file: the role comes from SQL alone';
    return { ...found, isMissing: false, detail };
  }
  try {
    const { version, isPaused, erases } = await examineRest(access, signal);
    const paused = isPaused ? ', paused (maintenance mode)' : '';
    const detail = `${version ?? 'unknown version'} at ${params.patroni ?? ''}${paused}${erases.length === 0 ? '' : `; erases evidence of a loss: ${erases.join(', ')}`}`;
    return { ...found, isMissing: false, detail };
  } catch (error) {
    signal.throwIfAborted();
    return { ...found, isMissing: true, detail: messageOf(error) };
  }
}

/** Nothing is run where the file allows no harm to a machine: then its shell is not needed. */
async function machineFindings(
  name: string,
  machines: Machines,
  used: readonly CapabilityName[],
): Promise<{ readonly findings: readonly Finding[]; readonly unable: readonly Unable[] }> {
  const shell = machines.shell(name);
  if (!shell) {
    const detail = 'none in the file: SQL and REST alone';
    return { findings: [{ name: 'shell', isMissing: false, detail }], unable: [] };
  }
  try {
    const facts = await machines.facts(name);
    const way = facts.way ? `; cuts spare ${facts.way.address} at port ${facts.way.port}` : '';
    const detail = `${shell.description}, as user ${facts.uid}${way}`;
    const probed = await probeMachine({ name, shell }, { for: used, hasRelay: false });
    const unable = probed.flatMap(({ isMissing, neededBy, name: fact, detail: why, remedy }) =>
      isMissing ? [{ harms: neededBy, why: `${fact}: ${why}${remedy ? ` (${remedy})` : ''}` }] : [],
    );
    return { findings: [{ name: 'shell', isMissing: false, detail }, ...probed], unable };
  } catch (error) {
    const detail = messageOf(error);
    return {
      findings: [{ name: 'shell', isMissing: true, detail }],
      // Who reads the reasons is given the node's name with each.
      unable: [{ harms: used, why: detail.replace(`${name}: `, '') }],
    };
  }
}
