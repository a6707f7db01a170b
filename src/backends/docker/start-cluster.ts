import { randomBytes } from 'node:crypto';
import type { BootOptions } from '../../contracts/backend.ts';
import type { LabContents, WantedNames } from '../../contracts/own-patroni.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { dynamicConfig } from '../../patroni/dynamic-config.ts';
import { type Access, accesses, canEnter, wantedAccess } from './access.ts';
import { prepareClock } from './clock-file.ts';
import type { Parts } from './parts.ts';
import { readComposeFile, type Service } from './compose-file.ts';
import { type Box, startContainer } from './containers.ts';
import { startEtcd } from './dcs-control.ts';
import { prepareLayers } from './disk-layers.ts';
import { withDisks } from './disk-control.ts';
import type { Engine } from '../../shells/docker/engine.ts';
import { ownLabels } from './labels.ts';
import { layOut } from './layout.ts';
import { removeRun } from './leftovers.ts';
import { memberNames } from './member-names.ts';
import { addedAtBoot, bootConfig, notesOf } from '../../scenario/own-patroni/settle.ts';
import { readContents } from '../../scenario/own-patroni/contents.ts';
import { engineShell } from '../../shells/docker/engine-shell.ts';
import { readVersions, startPatroni } from './member.ts';
import { type ClusterNetwork, createNetwork } from './network.ts';
import { applyBaseRules } from './base-rules.ts';
import {
  type ContainerKind,
  prepareProxies,
  proxyEntries,
  publishedBy,
  startProxies,
} from './proxies.ts';
import { joinReaper } from './reaper.ts';

/** Patroni's loop_wait while booting, in seconds: boot time depends on it. The scenario's value is set later. */
const bootLoopWait = 1;

/** Creates the network and containers of a cluster, all running, without Patroni yet. Errors: EnvironmentError. */
export async function startCluster(engine: Engine, options: BootOptions): Promise<Parts> {
  const { id, spec, signal, needs = [] } = options;
  const wanted = wantedAccess();
  const hasClientContainers = wanted === 'namespaces';
  if (needs.includes('consumers') && !hasClientContainers) throw noMachineOfConsumers();
  const labels = { ...ownLabels(id, options.directory), ...(await joinReaper(engine, options)) };
  const password = randomBytes(12).toString('hex');
  const network = await createNetwork(engine, `forkpoint-${id}`, labels);
  signal.throwIfAborted();
  const services = await readComposeFile(variables(network, password));
  const { layout, ...planned } = layOut(services, {
    nodes: spec.nodes,
    subnet: network.subnet,
    hasClientContainers,
    routes: options.routes,
    hasSink: needs.includes('sink'),
  });
  // Before anything starts, because it throws for an invalid size.
  const sized = (services: readonly Service[]) =>
    services.map((service) => withDisks(service, spec.own));
  const [memberServices, sinkServices] = [sized(planned.members), sized(planned.sinks)];
  const published = publishedBy(options.routes ?? [], accesses[wanted]);
  const start = (kind: ContainerKind) => (service: Service) =>
    startContainer(engine, service, {
      runId: id,
      network: network.name,
      labels,
      // A container that outlives its programs: its network and its rules are those of the machine.
      command: ['hold'],
      publish: published(kind, service),
    });
  const { dcs, members, clients, boxes, sinks, consumers } = await everyOne({
    dcs: planned.dcs.map(start('dcs')),
    members: memberServices.map(start('member')),
    clients: planned.clients.map(start('client')),
    boxes: planned.proxies.map(start('proxy')),
    sinks: sinkServices.map(start('sink')),
    consumers: planned.consumers.map(start('client')),
  });
  signal.throwIfAborted();
  const access = accesses[wanted];
  requireEntry(access, members);
  const needsClock = needs.includes('clock');
  const needsLayers = needs.includes('io');
  const [versions] = await Promise.all([
    readVersions(members),
    ...[...members, ...boxes, ...sinks].map((box) =>
      applyBaseRules(access, box, `${network.subnet}.1`),
    ),
    ...(needsClock ? members.map((box) => prepareClock(access, box)) : []),
    ...(needsLayers ? members.map((box) => prepareLayers(access, box)) : []),
    ...dcs.map(startEtcd),
  ]);
  const proxies = await prepareProxies(options.routes ?? [], { access, boxes, layout, password });
  const own = await bootConfig(spec, {
    nodes: memberNames(spec.nodes),
    contents: (asked) => contentsOf(members, asked),
  });
  for (const line of addedAtBoot(spec, own)) options.log(line);
  for (const note of notesOf(own)) options.log(note);
  const boot = { ...dynamicConfig(own.spec), loop_wait: bootLoopWait };
  return {
    access,
    own,
    layout,
    members,
    dcs,
    clients,
    ...(sinks[0] && { sink: sinks[0] }),
    ...(consumers[0] && { consumers: consumers[0] }),
    proxies: boxes,
    routes: proxyEntries(proxies, access),
    password,
    versions,
    hasClock: needsClock,
    hasLayers: needsLayers,
    startPatroni: (box) =>
      startPatroni(access, box, { subnet: network.subnet, dcs, password, boot, own }),
    startProxies: (within) => startProxies(proxies, access, within),
    end: () => removeRun(engine, id),
  };
}

/** Of the image, so of every member. */
function contentsOf(members: readonly Box[], wanted: WantedNames): Promise<LabContents> {
  const [first] = members;
  if (!first) throw new EnvironmentError('a cluster without members has no programs');
  const shell = engineShell(first.name, first.container);
  return readContents({ shell, method: 'scram-sha-256' }, wanted);
}

type Group = readonly Promise<Box>[];

/**
 * Waits for all of them, then throws the first failure: a container that is still starting would escape the following
 * removal. One reason is enough, since it is usually common to all.
 */
async function everyOne<Name extends string>(
  groups: Readonly<Record<Name, Group>>,
): Promise<Readonly<Record<Name, readonly Box[]>>> {
  const settled = await Promise.allSettled(Object.values<Group>(groups).flat());
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  const started: Partial<Record<Name, readonly Box[]>> = {};
  for (const name of Object.keys(groups) as Name[]) started[name] = await Promise.all(groups[name]);
  return started as Record<Name, readonly Box[]>;
}

function noMachineOfConsumers(): EnvironmentError {
  return new EnvironmentError(
    "consumers run on this host, and packet rules between them and the cluster need a container of theirs, which only root on the engine's " +
      'own Linux host can enter. Run as root, without FORKPOINT_DOCKER_ACCESS',
  );
}

function variables({ subnet }: ClusterNetwork, password: string): Readonly<Record<string, string>> {
  const image = process.env.FORKPOINT_DOCKER_IMAGE;
  return {
    FORKPOINT_SUBNET: subnet,
    FORKPOINT_PASSWORD: password,
    ...(image !== undefined && { FORKPOINT_DOCKER_IMAGE: image }),
  };
}

function requireEntry(access: Access, members: readonly Box[]): void {
  const closed = members.find((box) => access.kind === 'namespaces' && !canEnter(box));
  if (!closed) return;
  throw new EnvironmentError(
    `${closed.name}: process ${closed.pid} of the engine is not one of this host's: a rootless engine, or one in a ` +
      'virtual machine. Use its API only: FORKPOINT_DOCKER_ACCESS=engine',
  );
}
