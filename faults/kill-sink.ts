import { sinkFault } from './support/sink.ts';

/** Consumers must keep what they have read, and must not confirm it to the cluster. Its data is on its disk, and it recovers. */
const killSink = sinkFault({
  summary: 'Sends SIGKILL to the PostgreSQL that consumers write to; starts it again to heal.',
  undo: { do: 'startSink' },
  harm: (sink) => sink.kill(),
});
export default killSink;
