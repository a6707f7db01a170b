import { z } from 'zod';
import type { Check, Evidence } from '../contracts/evidence.ts';

type Demand = 'agree' | 'any';

const check: Check<Demand> = {
  summary: 'Every replica holds exactly the rows of the final primary.',
  params: z.enum(['agree', 'any']),
  byDefault: 'agree',
  check({ plan, result }: Evidence, demanded) {
    const replicas = result.replicas;
    const measured = replicas.map(({ node, status, missing, extra, corrupted, stale = 0 }) => ({
      node,
      status,
      missing,
      extra,
      corrupted,
      stale,
    }));
    const summary = `replicas: ${replicas.map(describe).join(', ') || 'there are none'} (demanded: ${demanded})`;
    if (!result.verification) {
      return { status: 'unknown', summary: 'replicas: no node was read', measured };
    }
    if (demanded === 'any') return { status: 'pass', summary, measured };
    if (replicas.some(({ status }) => status === 'differs')) {
      return { status: 'fail', summary, measured };
    }
    // `verify` may have read the primary alone: unread replicas do not agree.
    const { cluster } = plan.scenario;
    const nodes = cluster.nodes + (cluster.standby?.nodes ?? 0);
    if (replicas.length < nodes - 1) {
      const why = `the scenario plans ${nodes} nodes, and ${replicas.length} of ${nodes - 1} replicas were compared`;
      return { status: 'unknown', summary: `${summary}: ${why}`, measured };
    }
    const isSure = replicas.every(({ status }) => status === 'agrees');
    return { status: isSure ? 'pass' : 'unknown', summary, measured };
  },
};
export default check;

function describe(replica: Evidence['result']['replicas'][number]): string {
  const { node, status, missing, extra, corrupted, stale = 0, reason } = replica;
  if (status === 'agrees') return `${node} agrees`;
  if (status === 'unverifiable') return `${node} unverifiable: ${reason ?? 'no reason given'}`;
  return `${node} differs (${missing} missing, ${extra} extra, ${stale} stale, ${corrupted} corrupted)`;
}
