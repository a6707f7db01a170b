import { lacks } from '../src/std/errors.ts';
import { sinkFault } from './support/sink.ts';

/** Both ends take the other for slow at first: the server until wal_sender_timeout, the consumer until its own limit. */
const cutSource = sinkFault({
  summary:
    "Silently drops every packet between the cluster's PostgreSQL and its consumers, and lets them through to heal.",
  undo: { do: 'mendSource' },
  needs: ['consumers'],
  harm: (sink) => sink.cutSource?.() ?? lacks({ name: 'the sink' }, 'consumers'),
});
export default cutSource;
