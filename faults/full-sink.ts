import { sinkFault } from './support/sink.ts';

/** Only the disk of its tables: with WAL on the same disk the server would PANIC instead of refusing (53100). What fits on a page is still taken. */
const fullSink = sinkFault({
  summary:
    'Fills the disk of the PostgreSQL that consumers write to with a ballast file, not that of its WAL; removes it to heal.',
  undo: { do: 'freeSink' },
  harm: (sink) => sink.fill(),
});
export default fullSink;
