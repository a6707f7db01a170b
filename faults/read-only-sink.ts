import { sinkFault } from './support/sink.ts';

/** As a sink that failed over under its consumers, or whose operator ran out of disk: it answers, and refuses each write (25006). */
const readOnlySink = sinkFault({
  summary:
    'Makes the PostgreSQL that consumers write to read-only (default_transaction_read_only), and writable to heal.',
  undo: { do: 'openSink' },
  harm: (sink) => sink.setReadOnly(true),
});
export default readOnlySink;
