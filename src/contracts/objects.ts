import type { Json } from './json.ts';

/*
 * What faults change or make in the API of Kubernetes, and how that is taken back. A cluster outside of it has none of these.
 */

/** How one change is taken back: as data, since it is kept with the run, and in the cluster for a harness that dies. */
export interface ObjectChange {
  /** 'node lab', 'StatefulSet pg': for messages. */
  readonly what: string;
  /** The object in the API: '/api/v1/nodes/lab'. */
  readonly path: string;
  /** JSON Patch (RFC 6902), which fails at its first step unless our mark is on the object. Absent: the object is ours, and is deleted. */
  readonly patch?: readonly Json[];
  /** While this field, by its JSON Pointer, has another value, it was changed from outside the run. Absent: the object's own presence counts. */
  readonly sets?: { readonly field: string; readonly value: Json };
}

/** A change that is ready to be made. */
export interface PreparedChange {
  readonly change: ObjectChange;
  /**
   * Makes it; resolves when it is in force. What takes it back when this process dies is in the cluster before.
   * Errors: EnvironmentError naming the verb and the resource that is not allowed.
   */
  make(signal: AbortSignal): Promise<void>;
}

export interface ObjectControl {
  /** Harmless to repeat, and where the change was never made, or is not ours. */
  takeBack(change: ObjectChange): Promise<void>;
  /** Whether the change is in force. */
  holds(change: ObjectChange): Promise<boolean>;
}

/** The Kubernetes node that a pod runs on now. */
export interface HostControl {
  readonly name: string;
  /** Errors: ClusterError where it is cordoned already, which would not be ours to take back. */
  cordon(tag: string): Promise<PreparedChange>;
}

/** Other pods than the cluster's, on the Kubernetes node of a pod. */
export interface NeighbourControl {
  /** Errors: NotCarriedOut naming those that no controller would bring back, or the pod that Forkpoint itself runs in. */
  requireEvictable(): Promise<void>;
  /**
   * Evicts those that a drain does: none of a DaemonSet, none that the kubelet itself runs, none of ours. Resolves with their names, as
   * 'namespace/name', once they are gone. Errors: NotCarriedOut where a budget refuses for so long.
   */
  evict(withinMs: number, signal: AbortSignal): Promise<readonly string[]>;
}

/** The StatefulSet that the cluster's pods are of. */
export interface ScaleControl {
  /** `name`: needed where they are of several. Errors: ClusterError where it has so many already, or cannot be chosen. */
  to(replicas: number, tag: string, name?: string): Promise<PreparedChange>;
}

/** An experiment of Chaos Mesh, which does the harm itself. */
export interface ChaosControl {
  /** Errors: EnvironmentError where the cluster does not have this kind. */
  prepare(experiment: ChaosExperiment): Promise<PreparedChange>;
  /** Why its controller no longer says that it is in force; undefined: it does. */
  lapse(change: ObjectChange): Promise<string | undefined>;
}

export interface ChaosExperiment {
  readonly kind: ChaosKind;
  /** As Chaos Mesh has it, without what says where and for how long. */
  readonly spec: Readonly<Record<string, Json>>;
  /** Pods that it acts on, all of them. */
  readonly pods: readonly string[];
  readonly tag: string;
  /** After which its controller ends it by itself. */
  readonly longestMs: number;
  /** How long its controller may take to put it in force. */
  readonly withinMs: number;
}

export type ChaosKind = 'NetworkChaos' | 'IOChaos' | 'TimeChaos';

/** The PersistentVolumeClaims of a pod. */
export interface VolumeControl {
  /**
   * Deletes them and the pod; resolves with their names once they are gone. `volume`: one of the pod's by its name, instead of all.
   * Errors: ClusterError where none is a claim's.
   */
  remove(graceMs: number, volume?: string): Promise<readonly string[]>;
}
