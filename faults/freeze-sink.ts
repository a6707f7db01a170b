import { sinkFault } from './support/sink.ts';

/** A sink that is there and does not answer: only a limit of time tells a consumer that a commit is not coming. */
const freezeSink = sinkFault({
  summary: 'Sends SIGSTOP to the PostgreSQL that consumers write to, and SIGCONT to heal.',
  undo: { do: 'thawSink' },
  harm: (sink) => sink.freeze(),
});
export default freezeSink;
