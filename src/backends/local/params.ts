import { z } from 'zod';
import type { BackendKeys } from '../../contracts/scenario.ts';
import { diskParams } from '../../machine/disk.ts';

export const watchdogModes = ['automatic', 'required'] as const;
export const tlsModes = ['require', 'verify-ca', 'verify-full'] as const;

export const dcsKinds = ['etcd', 'raft'] as const;
export type DcsKind = (typeof dcsKinds)[number];

export const localParams = z.strictObject({
  ...diskParams.shape,
  dcs: z
    .enum(dcsKinds)
    .exactOptional()
    .describe("The DCS: etcd, or raft, Patroni's own (pysyncobj). Default: etcd."),
  watchdog: z
    .enum(watchdogModes)
    .exactOptional()
    .describe(
      "Patroni's mode of its watchdog, for which each node gets a stand-in: it resets the node, which boots 20 s later. Default: none.",
    ),
  tls: z
    .enum(tlsModes)
    .exactOptional()
    .describe(
      'sslmode of clients and of replication: the lab has a certificate authority, and each server a certificate of it. Default: no TLS.',
    ),
});

/** Undefined: clients connect without TLS. */
export function tlsMode(own: BackendKeys | undefined) {
  return paramsOf(own).tls;
}

/** Undefined: the members have none. */
export function watchdogMode(own: BackendKeys | undefined) {
  return paramsOf(own).watchdog;
}

export function dcsKind(own: BackendKeys | undefined): DcsKind {
  return paramsOf(own).dcs ?? 'etcd';
}

function paramsOf(own: BackendKeys | undefined) {
  return (own?.params ?? {}) as z.output<typeof localParams>;
}
