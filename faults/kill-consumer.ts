import { endConsumer } from './support/end-consumer.ts';

/** What it had received and its sink had not committed is gone from its memory. */
const killConsumer = endConsumer(
  'SIGKILL',
  'Sends SIGKILL to the process of a consumer; starts it again to heal.',
);
export default killConsumer;
