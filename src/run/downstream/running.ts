import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { ConsumerProcess } from '../../downstream/consumer-process.ts';
import type { RunFolder } from '../run-folder.ts';
import type { RunOptions } from '../run-options.ts';
import type { SinkPlace } from './sink-place.ts';
import type { SinkQuery } from './sink-query.ts';

/** What consumers need of the run that they follow. */
export interface FollowedRun extends Pick<RunFolder, 'id' | 'directory' | 'plan' | 'note'> {
  readonly options: Pick<RunOptions, 'registry' | 'signal' | 'watching'>;
}

/** One consumer while the run goes on. */
export interface Running {
  readonly spec: DownstreamSpec;
  readonly place: SinkPlace;
  /** What its sink is read by; undefined: the tables of the shipped consumer. */
  readonly query: SinkQuery | undefined;
  /** Undefined: it is not a process of ours. */
  readonly process: ConsumerProcess | undefined;
  /** What a fault may start beside it. */
  readonly second: ConsumerProcess | undefined;
}
