import { endConsumer } from './support/end-consumer.ts';

/** It delivers what it has received and ends by itself, within 30 s or not at all. */
const stopConsumer = endConsumer(
  'SIGTERM',
  'Asks a consumer to end in an orderly way; starts it again to heal.',
);
export default stopConsumer;
