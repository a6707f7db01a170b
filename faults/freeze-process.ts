import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { allDone } from '../src/std/wait.ts';
import {
  type Chosen,
  chooseProcesses,
  controlOf,
  describeChosen,
  processKeys,
  processProblems,
  signalChosen,
} from './support/server-process.ts';
import { nodesWhere } from './support/still.ts';

const params = z.strictObject({
  ...processKeys,
  /**
   * Of `postmaster`: whether the load's sessions are ended right after, so that its clients need what a frozen postmaster
   * does not give. A step of its own could not find them: that takes a session.
   */
  endSessions: z.boolean().default(false),
});

const detailOf = z.object({
  frozen: z.record(z.string(), z.array(z.object({ pid: z.number() }))),
});

/**
 * One process hangs while the others work: a postmaster that accepts no connection while its sessions answer, a walsender
 * that sends nothing while its replica waits. It continues where it stopped.
 */
const freezeProcess: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGSTOP to one kind of PostgreSQL process on its targets; SIGCONT to heal.',
  params,
  example: { process: 'postmaster' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: ({ process, endSessions }) =>
    process === 'backend' || endSessions ? ['process', 'sql'] : ['process'],
  problems: (choice, _names, _load, step) =>
    choice.endSessions && choice.process !== 'postmaster'
      ? [{ path: ['endSessions'], message: 'is for process: postmaster alone' }]
      : processProblems(choice, step),
  processes: () => ({ of: 'postgres', become: 'alive' }),

  async inject(targets, { endSessions, ...choice }, context) {
    const chosen = await chooseProcesses(targets, choice, context);
    const ofLoad = { process: 'backend', whose: 'load' } as const;
    const sessions = endSessions ? await chooseProcesses(targets, ofLoad, context) : [];
    for (const { node, processes } of chosen) {
      const pids = processes.map(({ pid }) => pid);
      context.undo({ do: 'resumeServers', node: node.name, pids });
    }
    await allDone(chosen.map((one) => signalChosen(one, 'SIGSTOP')));
    await allDone(sessions.map((one) => signalChosen(one, 'SIGTERM')));
    return { frozen: describeChosen(chosen), ...(endSessions && { ended: countOf(sessions) }) };
  },

  // One that is gone by now is as silent as before: another step, or the server, may have ended it.
  async lapsed(targets, { process }, { detail }) {
    const { frozen } = detailOf.parse(detail);
    const where = await nodesWhere(targets, async (node) => {
      const pids = (frozen[node.name] ?? []).map(({ pid }) => pid);
      const running = await controlOf(node).servers();
      return running.some(({ pid, isFrozen }) => pids.includes(pid) && !isFrozen);
    });
    return where && `${process} on ${where} was continued from outside the run`;
  },
};
export default freezeProcess;

function countOf(chosen: readonly Chosen[]): Readonly<Record<string, number>> {
  return Object.fromEntries(chosen.map(({ node, processes }) => [node.name, processes.length]));
}
