import { sinkFault } from './support/sink.ts';

/** Connections stay open and hang, as with a pulled cable: a commit that was under way is neither answered nor refused. */
const cutSink = sinkFault({
  summary:
    'Silently drops every packet of the PostgreSQL that consumers write to, and lets them through to heal.',
  undo: { do: 'mendSink' },
  harm: (sink) => sink.cut(),
});
export default cutSink;
