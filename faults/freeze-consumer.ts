import { consumerFault } from './support/consumers.ts';

/** The server takes it for slow, until wal_sender_timeout; what it had in hand it goes on with as if no time had passed. */
const freezeConsumer = consumerFault({
  summary: 'Sends SIGSTOP to the process of a consumer, and SIGCONT to heal.',
  undo: (consumer) => ({ do: 'thawConsumer', consumer }),
  harm: (control, consumer) => control.freeze(consumer),
});
export default freezeConsumer;
