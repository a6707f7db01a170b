import { consumerFault } from './support/consumers.ts';

/** It delivers what it has received and ends by itself, within 30 s or not at all. A deployment would start the next, as healing does. */
const stopConsumer = consumerFault({
  summary: 'Asks a consumer to end in an orderly way; starts it again to heal.',
  undo: (consumer) => ({ do: 'startConsumer', consumer }),
  harm: (control, consumer) => control.end(consumer, 'SIGTERM'),
});
export default stopConsumer;
