import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

const check: Check<boolean> = {
  summary: 'After healing, one leader, and every node streaming from it and caught up.',
  params: z.boolean(),
  byDefault: true,
  check({ result }: Evidence, demanded) {
    const { ok, reason } = result.converged;
    if (ok === null) {
      return {
        status: 'unknown',
        summary: `converged: ${reason ?? 'not looked at'}`,
        measured: null,
      };
    }
    const shown = ok ? 'yes' : `no: ${reason ?? 'no reason given'}`;
    return {
      status: ok === demanded ? 'pass' : 'fail',
      summary: `converged: ${shown} (demanded: ${demanded ? 'yes' : 'no'})`,
      measured: ok,
    };
  },
};
export default check;
