import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

type Pattern = 'none' | 'tail' | 'periodic' | 'scattered';

const check: Check<Pattern> = {
  summary:
    'Position of the lost writes among the acknowledged ones: none, tail, periodic or scattered.',
  params: z.enum(['none', 'tail', 'periodic', 'scattered']),
  example: 'tail',
  check({ result }: Evidence, demanded) {
    if (result.writes.lost === null) {
      const summary = `loss pattern: could not be measured (demanded: ${demanded})`;
      return { status: 'unknown', summary, measured: null };
    }
    const found = result.lossPattern;
    const shown = found.kind === 'periodic' ? `periodic, every ${found.modulus}` : found.kind;
    return {
      status: found.kind === demanded ? 'pass' : 'fail',
      summary: `loss pattern: ${shown} (demanded: ${demanded})`,
      measured: { ...found },
    };
  },
};
export default check;
