import { consumerFault } from './support/consumers.ts';

/** A deployment that starts the new one before the old one has ended, or a host that was taken for dead. */
const secondConsumer = consumerFault({
  summary: 'Starts a consumer once more, with the same slot and sink; ends that one to heal.',
  undo: (consumer) => ({ do: 'endSecondConsumer', consumer }),
  harm: (control, consumer) => control.startSecond(consumer),
});
export default secondConsumer;
