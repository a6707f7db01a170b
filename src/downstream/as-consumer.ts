/**
 * Says that it has started, and becomes the command: its process, and so the target of signals. What the command prints is no word of a
 * consumer's, so it goes to where errors go.
 */
const script =
  'read -r up _ < /proc/uptime; whole=${up%.*}; hundredths=${up#*.}; ' +
  'printf \'{"type":"started","pid":%s,"atNs":"%s%s0000000"}\\n\' "$$" "$whole" "$hundredths"; exec "$@" >&2';

/** The argv of somebody else's program that knows nothing of our lines. */
export function asConsumer(command: readonly string[]): readonly string[] {
  return ['sh', '-c', script, 'sh', ...command];
}
