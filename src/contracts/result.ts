import type { AnomalySection } from './result/anomalies.ts';
import type { ArchiveSection } from './result/archive.ts';
import type { DownstreamSection } from './result/downstream.ts';
import type { GroupsSection } from './result/groups.ts';
import type { LeadershipSection } from './result/leadership.ts';
import type { LossSection } from './result/loss.ts';
import type { OutageSection } from './result/outage.ts';
import type { PhasesSection } from './result/phases.ts';
import type { ReadsSection } from './result/reads.ts';
import type { RecoverySection } from './result/recovery.ts';
import type { RoutesSection } from './result/routes.ts';
import type { RunSection } from './result/run.ts';
import type { ThroughputSection } from './result/throughput.ts';
import type { VerdictSection } from './result/verdict.ts';
import type { WalSection } from './result/wal.ts';
import type { WindowsSection } from './result/windows.ts';
import type { WritesSection } from './result/writes.ts';

export type * from './chart-series.ts';
export type * from './result/anomalies.ts';
export type * from './result/archive.ts';
export type * from './result/downstream.ts';
export type * from './result/groups.ts';
export type * from './result/leadership.ts';
export type * from './result/loss.ts';
export type * from './result/outage.ts';
export type * from './result/phases.ts';
export type * from './result/reads.ts';
export type * from './result/recovery.ts';
export type * from './result/routes.ts';
export type * from './result/run.ts';
export type * from './result/throughput.ts';
export type * from './result/verdict.ts';
export type * from './result/wal.ts';
export type * from './result/windows.ts';
export type * from './result/writes.ts';

/** result.json, schemaVersion 1. Fields are added, never renamed. null: not measured, never invented. */
export interface Result
  extends
    RunSection,
    VerdictSection,
    WritesSection,
    LossSection,
    WalSection,
    AnomalySection,
    OutageSection,
    PhasesSection,
    LeadershipSection,
    RecoverySection,
    ThroughputSection,
    RoutesSection,
    GroupsSection,
    DownstreamSection,
    ArchiveSection,
    ReadsSection,
    WindowsSection {}
