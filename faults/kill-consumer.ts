import { consumerFault } from './support/consumers.ts';

/** What it had received and its sink had not committed is gone from its memory. Its supervisor would start it again, as healing does. */
const killConsumer = consumerFault({
  summary: 'Sends SIGKILL to the process of a consumer; starts it again to heal.',
  undo: (consumer) => ({ do: 'startConsumer', consumer }),
  harm: (control, consumer) => control.end(consumer, 'SIGKILL'),
});
export default killConsumer;
