import type { ClusterSettings, MemberSettings } from '../../src/contracts/durability.ts';
import type { Json } from '../../src/contracts/json.ts';

const durable = {
  data_checksums: 'on',
  data_sync_retry: 'off',
  fsync: 'on',
  full_page_writes: 'on',
  max_slot_wal_keep_size: '-1',
  server_version: '17.5',
  synchronous_commit: 'on',
  synchronous_standby_names: '',
  wal_keep_size: '128MB',
  wal_log_hints: 'on',
  wal_writer_delay: '200ms',
};

type Parameters = Readonly<Record<string, string>>;

/** Three nodes and Patroni 4 with PostgreSQL's and Patroni's defaults, except for the given values. */
export function clusterSettings(
  over: {
    /** On every node. */
    readonly all?: Parameters;
    /** On pg1, the primary. */
    readonly primary?: Parameters;
    readonly pg2?: Partial<MemberSettings>;
    readonly config?: Json;
    readonly manager?: ClusterSettings['manager'];
    readonly asked?: Parameters;
    readonly isComplete?: boolean;
  } = {},
): ClusterSettings {
  const member = (node: string, role: MemberSettings['role']): MemberSettings => ({
    node,
    role,
    parameters: { ...durable, ...over.all },
    hasWatchdogDevice: false,
  });
  const pg1 = member('pg1', 'primary');
  return {
    schemaVersion: 1,
    isComplete: over.isComplete ?? true,
    asked: over.asked ?? {},
    manager: over.manager ?? {
      kind: 'patroni',
      config: over.config ?? {},
      version: '4.0.7',
      dcs: 'etcd 3.5.16',
    },
    members: [
      { ...pg1, parameters: { ...pg1.parameters, ...over.primary } },
      { ...member('pg2', 'replica'), ...over.pg2 },
      member('pg3', 'replica'),
    ],
  };
}
