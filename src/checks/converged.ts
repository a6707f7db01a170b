import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

const check: Check<boolean | 'any'> = {
  summary: 'After healing, one leader, and every node streaming from it and caught up.',
  params: z.union([z.boolean(), z.literal('any')]),
  byDefault: true,
  check({ result }: Evidence, demanded) {
    const { ok, reason } = result.converged;
    if (ok === null) {
      return {
        status: 'unknown',
        summary: `converged: ${reason ?? 'not measured'}`,
        measured: null,
      };
    }
    const wanted = demanded === 'any' ? 'any' : demanded ? 'yes' : 'no';
    const shown = ok ? 'yes' : `no: ${reason ?? 'no reason given'}`;
    return {
      status: demanded === 'any' || ok === demanded ? 'pass' : 'fail',
      summary: `converged: ${shown} (demanded: ${wanted})`,
      measured: ok,
    };
  },
};
export default check;
