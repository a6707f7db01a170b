import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

const params = z.enum(['rewound', 'cloned', 'none']);

/** A rewind that failed is no way back by itself: what came of it, a clone or nothing, is what is judged. */
const check: Check<z.infer<typeof params>> = {
  summary: 'How nodes whose history had forked came back: by pg_rewind, or cloned anew.',
  params,
  example: 'rewound',
  check({ result: { rejoins } }: Evidence, demanded) {
    if (rejoins === null) {
      const summary = "rejoined: Patroni's logs are not there";
      return { status: 'unknown', summary, measured: null };
    }
    const ways = [...new Set(rejoins.map(({ how }) => how))].filter(
      (how) => how !== 'rewindFailed',
    );
    const wanted = demanded === 'none' ? [] : [demanded];
    const shown =
      rejoins.map(({ node, how }) => `${node} ${words[how]}`).join(', ') ||
      'no rewind and no new clone is in their logs';
    return {
      status: JSON.stringify(ways) === JSON.stringify(wanted) ? 'pass' : 'fail',
      summary: `rejoined: ${shown} (demanded: ${demanded})`,
      measured: ways,
    };
  },
};
export default check;

const words = { rewound: 'rewound', rewindFailed: 'failed to rewind', cloned: 'cloned anew' };
