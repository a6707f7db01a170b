import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

const params = z.enum(['rewound', 'cloned', 'none']);

/** A failed rewind does not bring a node back: what followed, a clone or nothing, is judged. */
const check: Check<z.infer<typeof params>> = {
  summary: 'How diverged nodes came back: by pg_rewind, or as a new clone.',
  params,
  example: 'rewound',
  check({ result: { rejoins, converged } }: Evidence, demanded) {
    if (rejoins === null) {
      const summary = "rejoined: Patroni's logs are missing";
      return { status: 'unknown', summary, measured: null };
    }
    const ways = [...new Set(rejoins.map(({ how }) => how))].filter(
      (how) => how !== 'rewindFailed',
    );
    const wanted = demanded === 'none' ? [] : [demanded];
    const shown =
      rejoins.map(({ node, how }) => `${node} ${words[how]}`).join(', ') ||
      'their logs show neither a rewind nor a new clone';
    const missing = (converged.nodes ?? []).map(
      ({ node, state }) => `${node} has not come back: ${state}`,
    );
    return {
      status: JSON.stringify(ways) === JSON.stringify(wanted) ? 'pass' : 'fail',
      summary: `rejoined: ${[shown, ...missing].join('; ')} (demanded: ${demanded})`,
      measured: ways,
    };
  },
};
export default check;

const words = { rewound: 'rewound', rewindFailed: 'failed to rewind', cloned: 'cloned again' };
