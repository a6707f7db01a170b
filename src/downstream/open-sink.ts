import type { ConsumerInput } from '../contracts/downstream.ts';
import { FileSink } from './file-sink.ts';
import { PostgresSink } from './postgres-sink.ts';
import type { Sink } from './sink.ts';

/** The sink that the input names, which may be away: the first call finds out. */
export function openSink(input: ConsumerInput): Sink {
  return input.sinkFile === undefined ? new PostgresSink(input) : new FileSink(input.sinkFile);
}
