import type { Check, Evidence } from '../contracts/evidence.ts';
import { hasClientReads } from '../std/units/client-reads.ts';
import { seconds } from '../std/units/shown.ts';
import { compare, comparison, formatComparison, type Comparison } from '../std/units/units.ts';

/** A session that wrote, and was told so, must see that in its next reads: `readYourWrites: 0` of them do not. */
const check: Check<Comparison> = {
  summary: 'Reads of a client that did not show its own last acknowledged write.',
  params: comparison('count'),
  example: '0',
  problems(_demand, load) {
    if (hasClientReads(load)) return [];
    const message = 'the clients read nothing: give reads a share of `load.mix`, as `read: 20`';
    return [{ path: [], message }];
  },
  check({ result }: Evidence, demanded) {
    const demand = `(demanded: ${formatComparison(demanded)})`;
    const own = result.reads?.ownWrites;
    const gap = result.reads?.missing[0];
    if (!own || own.reads === 0) {
      const why = gap ?? 'no client read after a write of its own';
      return {
        status: 'unknown',
        summary: `own writes not seen: ${why} ${demand}`,
        measured: null,
      };
    }
    const [first] = own.first;
    const example = first
      ? `, the first by ${first.session} on ${first.node} at ${seconds(first.atMs)}: row ${first.seq}`
      : '';
    const rest = gap === undefined ? '' : `; ${gap}`;
    const summary = `own writes not seen: ${own.notSeen} of ${own.reads} reads${example}${rest} ${demand}`;
    const measured = { reads: own.reads, notSeen: own.notSeen };
    const isMet = compare(own.notSeen, demanded);
    // What is missing could only add to them.
    const isDecided = gap === undefined || isMet === compare(Infinity, demanded);
    return { status: !isDecided ? 'unknown' : isMet ? 'pass' : 'fail', summary, measured };
  },
};
export default check;
