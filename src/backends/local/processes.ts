import { readFileSync, statSync } from 'node:fs';
import { roleVariable } from './daemons.ts';
import { hostPath } from './enter.ts';
import {
  type ProcessFacts,
  allPids,
  hasEnded,
  processFacts,
} from '../../machine/process-identity.ts';
import type { LabRecord } from './record.ts';

/** `other`: commands that people run in the node's namespace by hand. */
export type Kind = 'postgres' | 'patroni' | 'etcd' | 'other';

export interface NodeProcess extends ProcessFacts {
  readonly kind: Kind;
}

/**
 * Every process in one network namespace of a lab, by its pid on the host. Found by namespace and not by pid file, so that
 * any process can list any lab, and a backend forked a moment ago is included.
 */
export function nodeProcesses(record: LabRecord, namespace: string): readonly NodeProcess[] {
  const network = inode(hostPath(record, `/run/netns/${namespace}`));
  if (network === undefined) return [];
  return allPids()
    .filter((pid) => inode(`/proc/${pid}/ns/net`) === network)
    .map((pid) => processFacts(pid))
    .filter((facts) => facts !== undefined)
    .filter((facts) => !hasEnded(facts))
    .map((facts) => ({ ...facts, kind: kindOf(facts) }));
}

function kindOf({ pid, name }: ProcessFacts): Kind {
  // The server inherits Patroni's environment, so the name decides first.
  if (name === 'postgres') return 'postgres';
  const role = environmentOf(pid)
    .find((entry) => entry.startsWith(`${roleVariable}=`))
    ?.slice(roleVariable.length + 1);
  return role === 'patroni' || role === 'etcd' ? role : 'other';
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Undefined: gone, or another user's. Neither belongs to the lab. */
function inode(file: string): number | undefined {
  try {
    return statSync(file).ino;
  } catch {
    return undefined;
  }
}
