import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BootOptions } from '../../contracts/backend.ts';
import type { Cluster, RouteEntry } from '../../contracts/cluster.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { ClusterError, ScenarioError } from '../../std/errors.ts';
import { type JsonObject, dynamicConfig, requireSupport } from '../../patroni/dynamic-config.ts';
import { dcsPrefix, memberConfig, prefixOf, standbyScope } from '../../patroni/member-config.ts';
import type { PatroniMember } from '../../patroni/rest.ts';
import { asStandbyOf, withStandbySlot } from '../../patroni/standby-cluster.ts';
import { requirePostgres } from '../../pg/require-postgres.ts';
import {
  bootConfig,
  type BootConfig,
  clusterFacts,
  notesOf,
} from '../../scenario/own-patroni/settle.ts';
import { untilInForce } from '../../patroni/in-force.ts';
import { logicalSlotsIn, untilSlotsCopied } from '../../patroni/logical-slots.ts';
import { configure, untilEtcdHealthy } from '../../patroni/readiness.ts';
import { makeArchive, withArchive } from './archive.ts';
import { clockFiles } from './clock-file.ts';
import { contentsOfHost } from './contents.ts';
import { clusterOf, patroniMembers, upstreamOf } from './cluster.ts';
import {
  startEtcd,
  startNameServer,
  startPatroni,
  startRaft,
  startRelay,
  startWatchdog,
  watchdogPipe,
} from './daemons.ts';
import { startLayers } from './disk-layers.ts';
import { dataFolder, disksFor, walFolder } from './disks.ts';
import { hostPath, socketFolder } from './enter.ts';
import { etcdMembers } from './etcd-members.ts';
import { type Lab, startLab } from './lab.ts';
import { labFolder, layOut, mostNodes, network, nodeNames } from './layout.ts';
import { type Layout, type Place, ports } from '../../machine/layout.ts';
import { collectLogs, lastLines } from './logs.ts';
import { hasNames, hostOf } from './names.ts';
import { tlsMode, watchdogMode } from './params.ts';
import { requireTools } from './preflight.ts';
import { planProxies, startProxies } from './proxies.ts';
import { untilPatroniServes, untilUp } from './readiness.ts';
import { type LabRecord, publishRecord, withdrawRecord } from './record.ts';
import { makeCertificates, overTls, tlsFiles } from './tls.ts';
import type { Tools } from './tools.ts';

const tailLines = 15;
/** Every connection from the lab's network is trusted. */
const credentials = { user: 'postgres', database: 'postgres' };

/** Patroni's loop_wait while booting, in seconds: boot time depends on it. The scenario's value is set later. */
const bootLoopWait = 1;

/** Boots a lab with a leader and every replica streaming, with the scenario's configuration. */
export async function bootLab(options: BootOptions): Promise<Cluster> {
  const { signal } = options;
  const needs = options.needs ?? [];
  const tools = await requireTools(needs, options.spec);
  requireNodeCount(options.spec);
  const own = await bootConfig(options.spec, {
    nodes: nodeNames(options.spec),
    contents: (wanted) => contentsOfHost(tools, wanted),
  });
  const spec = needs.includes('archive') ? withArchive(own.spec) : own.spec;
  for (const note of notesOf(own)) options.log(note);
  requireSupport(spec, tools.patroni.version);
  requirePostgres(tools.postgres.version, options.leastPostgres);
  signal.throwIfAborted();
  const disks = disksFor(needs, spec.own);
  const layout = layOut(spec, options.routes, needs.includes('sink'));
  const planned = await planProxies(options.routes ?? [], layout, credentials);
  for (const { route, what, notes } of planned.entries) {
    options.log(`route ${route}: ${what}`);
    for (const note of notes) options.log(`route ${route}: ${note}`);
  }
  const lab = await startLab({ layout, disks, hasNames: hasNames({ needs }) }, signal);
  const record = await withTls(
    recordOf(options, lab, { tools, layout, entries: planned.entries }),
    tlsMode(spec.own),
    lab,
  );
  const made = clusterOf(record, async () => {
    await lab[Symbol.asyncDispose]();
    await withdrawRecord(record.id);
  });
  const cluster = { ...made, ...clusterFacts(own) };
  try {
    await bringUp(record, cluster, { ...options, spec, own });
    await startProxies(record, planned.proxies, signal);
    await publishRecord(record, options.directory);
    return cluster;
  } catch (error) {
    const told: unknown = signal.aborted
      ? signal.reason
      : await describeFailure(record, options, error);
    await cluster[Symbol.asyncDispose]();
    throw told;
  }
}

/** Its certificates are made before anything starts. Where they cannot be, the lab ends. */
async function withTls(
  record: LabRecord,
  mode: ReturnType<typeof tlsMode>,
  lab: Lab,
): Promise<LabRecord> {
  if (mode === undefined) return record;
  try {
    const tls = await makeCertificates(record, mode);
    return { ...record, tls, ...(record.routes && { routes: overTls(record.routes, tls) }) };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function bringUp(
  record: LabRecord,
  cluster: Cluster,
  options: BootOptions & { readonly own: BootConfig },
): Promise<void> {
  const { spec, signal, own } = options;
  const { nodes, dcs } = record.layout;
  const config = dynamicConfig(spec);
  const following = patroniMembers(record, true);
  const wanted = following.length > 0 ? withStandbySlot(config) : config;
  const ofStandby = asStandbyOf(upstreamOf(record, false), config);
  await Promise.all([
    startRelay(record),
    ...(hasNames(record) ? [startNameServer(record)] : []),
    startLayers(record),
    cluster.sink?.start(),
    ...(cluster.archive ? [makeArchive(record)] : []),
    ...(watchdogMode(spec.own) ? nodes.map(({ name }) => startWatchdog(record, name)) : []),
    ...dcs.map((place) => startDcs(record, place)),
    ...nodes.map((place) =>
      writeMemberConfig(record, place, {
        boot: { ...(place.isOfStandby ? ofStandby : wanted), loop_wait: bootLoopWait },
        own,
      }),
    ),
  ]);
  if (!record.tools.raft) {
    await untilEtcdHealthy(etcdMembers(record), signal);
    options.log(`${record.versions.dcs}: ${dcs.length} members have a quorum`);
  }
  const members = patroniMembers(record);
  await startMembers(record, members, signal);
  await untilUp(record, cluster, { spec, signal, nodes: members.map(({ node }) => node) });
  if (following.length > 0) {
    // Its leader is cloned from the other cluster.
    await startMembers(record, following, signal);
    await untilUp(record, cluster, options);
  }
  options.log(`PostgreSQL ${record.versions.postgres}: ${nodes.length} members are up`);
  await configure(members, wanted, signal);
  await configure(following, ofStandby, signal);
  for (const [prefix, of] of [
    [dcsPrefix, members],
    [prefixOf(standbyScope), following],
  ] as const) {
    await untilInForce({
      ...(!record.tools.raft && { etcd: etcdMembers(record) }),
      nodes: cluster.nodes.filter(({ name }) => of.some(({ node }) => node === name)),
      prefix,
      ttl: Number(wanted.ttl),
      signal,
      logOf: (node) => `${labFolder}/${node}/patroni.log`,
    });
  }
  const slots = logicalSlotsIn(wanted);
  await untilSlotsCopied(cluster, slots, signal);
  if (slots.length > 0) await untilUp(record, cluster, options);
  // As on a server that has run for a while: a power cut may lose the load's writes, but not the cluster's initial state.
  await Promise.all(cluster.nodes.flatMap(({ power }) => (power ? [power.flush()] : [])));
  options.log(
    `Patroni ${record.versions.patroni}: every member runs with the scenario's configuration`,
  );
}

function startDcs(record: LabRecord, place: Place): Promise<void> {
  const { raft } = record.tools;
  return raft ? startRaft(record, place, raft.path) : startEtcd(record, place);
}

function recordOf(
  options: BootOptions,
  lab: Lab,
  made: { readonly tools: Tools; readonly layout: Layout; readonly entries: readonly RouteEntry[] },
): LabRecord {
  const { tools, layout, entries } = made;
  return {
    schemaVersion: 1,
    backend: 'local',
    id: options.id,
    init: lab.init,
    isRootless: lab.isRootless,
    layout,
    tools,
    needs: options.needs ?? [],
    credentials,
    ...(entries.length > 0 && { routes: entries }),
    versions: {
      postgres: tools.postgres.version,
      patroni: tools.patroni.version,
      dcs: tools.raft ? `raft ${tools.raft.version}` : `etcd ${tools.etcd.version}`,
    },
  };
}

async function writeMemberConfig(
  record: LabRecord,
  place: Place,
  { boot, own }: { readonly boot: JsonObject; readonly own: BootConfig },
): Promise<void> {
  const { name, address, isOfStandby } = place;
  const watchdog = watchdogMode(own.spec.own);
  const nearestFirst = record.layout.dcs.toSorted(
    (a, b) => Number(b.name === name) - Number(a.name === name),
  );
  const text = memberConfig(
    {
      ...(isOfStandby && { scope: standbyScope }),
      name,
      address,
      host: hostOf(record, place),
      network,
      ports,
      folder: `${labFolder}/${name}`,
      dataFolder: dataFolder(name),
      walFolder: walFolder(name),
      socketFolder: socketFolder(name),
      postgresFolder: record.tools.postgres.path,
      dcs: nearestFirst.map((member) => `${member.address}:${ports.dcs}`),
      ...(record.tools.raft && { isRaft: true as const }),
      ...(record.tls && { tls: { mode: record.tls.mode, ...tlsFiles(name) } }),
      ...(watchdog && {
        watchdog: { mode: watchdog, driver: 'testing', device: watchdogPipe(name) },
      }),
    },
    boot,
    own.asked && { ...own.memberOf(name), fitted: own.fitted },
  );
  const files = [
    [`${labFolder}/${name}/patroni.yml`, text] as const,
    ...(record.needs.includes('clock') ? clockFiles(name) : []),
  ];
  await Promise.all(files.map(([file, content]) => writeFile(hostPath(record, file), content)));
}

/**
 * Starts the first member alone until its REST API answers: by then it runs its first loop and bootstraps the cluster. The
 * others load Patroni while initdb works, and every lab begins with the same leader.
 */
async function startMembers(
  record: LabRecord,
  members: readonly PatroniMember[],
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = members;
  if (!first) return;
  await startPatroni(record, first.node);
  await untilPatroniServes(record, first, signal);
  await Promise.all(others.map(({ node }) => startPatroni(record, node)));
}

function requireNodeCount({ nodes, standby }: ClusterSpec): void {
  const most = mostNodes - (standby?.nodes ?? 0);
  if (Number.isInteger(nodes) && nodes >= 1 && nodes <= most) return;
  throw new ScenarioError(`cluster.nodes: ${nodes} is not between 1 and ${most}`);
}

/** Adds the last lines of every log; the full logs are kept in the run's folder. */
async function describeFailure(
  record: LabRecord,
  { directory }: BootOptions,
  error: unknown,
): Promise<unknown> {
  const kept = path.join(directory, 'logs');
  await collectLogs(record, kept).catch(() => undefined);
  if (!(error instanceof ClusterError)) return error;
  const tails = await Promise.all(
    record.layout.nodes.map(({ name }) => lastLines(record, name, tailLines).catch(() => '')),
  );
  const message = `the lab did not boot: ${error.message}. All logs: ${kept}\n${tails.join('\n')}`;
  return new ClusterError(message, { cause: error });
}
