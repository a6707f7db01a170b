import type { StandbyControl } from '../contracts/cluster.ts';
import { type JsonObject, merge } from './dynamic-config.ts';
import { firstAnswer } from './first-answer.ts';
import { readStoredConfig, storeConfig } from './etcd-config.ts';
import { type EtcdMember, isStandbyConfig } from './lock-state.ts';
import { dcsPrefix, prefixOf, standbyScope } from './member-config.ts';
import { patchConfig, type PatroniMember } from './rest.ts';

/** Of the standby leader, on the cluster that it follows: a permanent slot in the words of Patroni. */
const slot = 'forkpoint_standby';
const permanentSlot = { [slot]: { type: 'physical' } };
const standbyPrefix = prefixOf(standbyScope);

/** One of the two clusters, by addresses of its nodes. */
export interface Upstream {
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The configuration of a cluster that another one follows. */
export function withStandbySlot(config: JsonObject): JsonObject {
  return merge(config, { slots: permanentSlot });
}

/**
 * The configuration of a cluster that follows another one. libpq looks for the node there that takes writes: with a slot Patroni asks for
 * `target_session_attrs=read-write`. It has no slots of its own. Source: Patroni, postgresql/config.py, build_recovery_params.
 */
export function asStandbyOf(
  { addresses, port }: Upstream,
  { slots: _slots, ...config }: JsonObject,
): JsonObject {
  return {
    ...config,
    standby_cluster: {
      host: addresses.join(','),
      port,
      primary_slot_name: slot,
      create_replica_methods: ['basebackup'],
    },
  };
}

export interface StandbyParts {
  readonly etcd: readonly EtcdMember[];
  readonly members: readonly PatroniMember[];
  /** Its own addresses, for the cluster that follows it once it is promoted. */
  readonly upstream: Upstream;
}

/** The standby cluster as a control, by Patroni's REST interface; a cluster whose members are down is told by etcd. */
export function standbyControl({ etcd, members, upstream }: StandbyParts): StandbyControl {
  const isPromoted = async (signal: AbortSignal) =>
    !isStandbyConfig(await readStoredConfig(etcd, standbyPrefix, signal));
  return {
    nodes: members.map(({ node }) => node),
    promote: async (signal) => {
      const patch = { standby_cluster: null, slots: permanentSlot };
      await firstAnswer(members, (member) => patchConfig(member, patch, signal), signal);
    },
    isPromoted,
    followPromoted: async (signal) => {
      if (!(await isPromoted(signal))) return;
      const stored = await readStoredConfig(etcd, dcsPrefix, signal);
      const config = asStandbyOf(upstream, stored);
      await storeConfig(etcd, { prefix: dcsPrefix, config }, signal);
    },
  };
}
