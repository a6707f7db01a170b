import type { V1Pod } from '@kubernetes/client-node';

/** The worker's container runs, so it can be attached to. */
export function isRunning({ status, metadata }: V1Pod): boolean {
  const [container] = status?.containerStatuses ?? [];
  return metadata?.deletionTimestamp === undefined && container?.state?.running !== undefined;
}

/** Why it does not run yet, in Kubernetes' words; undefined: it is on its way, runs, or has run. */
export function whyNotRunning({ status }: V1Pod): string | undefined {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating') {
    return [waiting.reason, waiting.message].filter((word) => word !== undefined).join(': ');
  }
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status !== 'False') return undefined;
  return `${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? 'no reason is given'}`;
}

/** No wait changes these. */
export function isHopeless(why: string): boolean {
  return /^(InvalidImageName|ErrImageNeverPull|CreateContainerConfigError)\b/.test(why);
}

/** The exit code of the worker's container; undefined: it has not ended. */
export function exitCodeOf({ status }: V1Pod): number | undefined {
  return status?.containerStatuses?.[0]?.state?.terminated?.exitCode;
}
