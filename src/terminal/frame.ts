import { stripVTControlCharacters, styleText } from 'node:util';
import sliceAnsi from 'slice-ansi';
import type { MemberState } from '../contracts/cluster.ts';
import type { FaultStep, Plan } from '../contracts/scenario.ts';
import { schedule } from '../scenario/plan/schedule.ts';
import { plain } from '../std/plain.ts';
import { bytes, grouped } from '../std/units/shown.ts';
import type { LiveState } from './live-state.ts';

export interface FrameOptions {
  readonly columns: number;
  readonly nowMs: number;
  /** False: no escape codes at all. */
  readonly isColoured: boolean;
  /** The line that a person types; absent: none can be typed. */
  readonly typed?: string | undefined;
}

const bars = '▁▂▃▄▅▆▇█';
const fullest = 96;
/** Below the second in which something was injected, healed or noted. */
const turnMarks = { inject: '▲', healed: '△', mark: '◆' } as const;

/**
 * The current picture: at most `columns - 1` wide, so that no terminal wraps it, with all lines of one width, so that
 * they cover the previous picture.
 */
export function frame(state: LiveState, plan: Plan, options: FrameOptions): string {
  const columns = Math.min(options.columns - 1, fullest);
  const paint: Paint = (style, text) =>
    options.isColoured ? styleText(style, text, { validateStream: false }) : text;
  const about: About = { state, plan, columns, nowMs: options.nowMs, paint };
  const typed =
    options.typed === undefined
      ? []
      : [`mark      ${options.typed.slice(-Math.max(0, columns - 12))}▏`];
  return [
    ...[heading(about), progress(about), ...load(about)],
    ...[...members(about), ...faults(about), ...typed],
  ]
    .map((line) => sliceAnsi(line, 0, columns))
    .map((line) => line + ' '.repeat(columns - stripVTControlCharacters(line).length))
    .join('\n');
}

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

interface About {
  readonly state: LiveState;
  readonly plan: Plan;
  readonly columns: number;
  readonly nowMs: number;
  readonly paint: Paint;
}

function elapsedMs({ state, plan, nowMs }: About): number {
  if (state.loadStartMs === undefined) return 0;
  const { durationMs, isOpenEnded } = plan.scenario.load;
  if (state.loadEndMs !== undefined && !isOpenEnded) return durationMs;
  const ranMs = (state.loadEndMs ?? nowMs) - state.loadStartMs;
  return Math.min(Math.max(0, ranMs), durationMs);
}

function heading({ state, plan, paint }: About): string {
  return `${paint('bold', plan.scenario.name)}  ${state.phase ?? 'starting'}, seed ${plan.seed}`;
}

function progress(about: About): string {
  const { plan, columns, paint } = about;
  const { durationMs, isOpenEnded } = plan.scenario.load;
  if (isOpenEnded) return `${seconds(elapsedMs(about))}${endWords(about)}`;
  const { done, clock } = operationsDone(about) ?? {
    done: elapsedMs(about) / durationMs,
    clock: `${seconds(elapsedMs(about))} of ${seconds(durationMs)}`,
  };
  const width = Math.max(10, Math.min(60, columns - clock.length - 2));
  const full = Math.round(done * width);
  return `${paint('cyan', '━'.repeat(full))}${paint('dim', '─'.repeat(width - full))}  ${clock}`;
}

/** Undefined where only time ends the load. */
function operationsDone({ state, plan }: About) {
  const { operations } = plan.scenario.load;
  if (operations === undefined) return undefined;
  // Each operation that was not acknowledged has its error.
  const errors = Object.values(state.stats.errors).reduce((sum, count) => sum + count, 0);
  const ended = state.stats.acknowledged + errors;
  const clock = `${grouped(ended)} of ${grouped(operations)} operations`;
  return { done: Math.min(1, ended / operations), clock };
}

function endWords({ state, paint }: About): string {
  if (state.loadEndMs !== undefined) return '';
  return paint('dim', state.loadStartMs === undefined ? '' : '  until Ctrl-C');
}

function load({ state, plan, columns, nowMs, paint }: About): string[] {
  const { isOpenEnded } = plan.scenario.load;
  const rates = state.rates(Math.max(10, columns - 42), nowMs);
  const top = Math.max(...rates, 1);
  const line = rates
    .map((rate) => bars[Math.min(bars.length - 1, Math.floor((rate / top) * bars.length))] ?? '')
    .join('');
  const marks = state.marks(rates.length, nowMs).map((is) => (is ? turnMarks[is] : ' '));
  const hasMarks = marks.some((mark) => mark !== ' ');
  const noted = marks.includes(turnMarks.mark) ? `, ${turnMarks.mark} mark` : '';
  const legend = isOpenEnded
    ? ''
    : `  (${turnMarks.inject} injected, ${turnMarks.healed} healed${noted})`;
  const now = rates.at(-1);
  const errors = Object.entries(state.stats.errors)
    .sort(([, a], [, b]) => b - a)
    .map(([sqlState, count]) => `${sqlState === '' ? 'no answer' : sqlState} ${grouped(count)}`)
    .join(', ');
  return [
    `writes/s  ${paint('cyan', line)} ${now ?? '-'}  (${grouped(state.stats.acknowledged)} acknowledged)`,
    ...(hasMarks
      ? [`${isOpenEnded ? 'marks ' : 'faults'}    ${paint('yellow', marks.join(''))}${legend}`]
      : []),
    `errors    ${errors === '' ? paint('dim', 'none') : paint('yellow', errors)}`,
  ];
}

function members(about: About): string[] {
  const { topology } = about.state;
  if (!topology) return [];
  return topology.members.map((member) => {
    const isLeader = member.role === 'primary' && member.node === topology.leader;
    return `${member.node.padEnd(8)}  ${role(member, isLeader, about)}`;
  });
}

function role(member: MemberState, isLeader: boolean, { state, paint }: About): string {
  const primaries = state.topology?.members.filter((each) => each.role === 'primary').length ?? 0;
  const word = isLeader ? 'leader' : member.role;
  const style = member.role === 'primary' ? (primaries > 1 ? 'red' : 'green') : 'reset';
  const shown = paint(member.role === 'down' ? 'red' : style, word.padEnd(8));
  const timeline = member.timeline === undefined ? '' : `timeline ${member.timeline}`;
  const lag = state.lag[member.node];
  // Measured against the leading primary: without one, it is an old lag.
  const leads = state.topology?.members.some(
    ({ node, role: is }) => is === 'primary' && node === state.topology?.leader,
  );
  const isMeasured = member.role === 'replica' && primaries === 1 && leads && lag !== undefined;
  // A negative lag means that the replica was queried later than the primary, and had everything the primary had then.
  const behind = isMeasured ? `  lag ${bytes(Math.max(0, lag))}` : '';
  const isUnreachable = state.unreachable.has(member.node);
  const reach = isUnreachable ? `  ${paint('red', 'unreachable for clients')}` : '';
  return `${shown}  ${timeline}${behind}${reach}`;
}

function faults(about: About): string[] {
  const { state, plan, paint } = about;
  const active = [...state.inForce].map(([id, targets]) =>
    targets.length === 0 ? id : `${id} (${targets.join(', ')})`,
  );
  const coming = plan.scenario.faults
    .filter(({ id }) => !state.begun.has(id))
    .map((step) => comingText(step, about));
  return [
    ...(active.length > 0 ? [`in force  ${paint('yellow', active.join(', '))}`] : []),
    ...(coming.length > 0 && state.loadEndMs === undefined
      ? [`coming    ${coming.join(', ')}`]
      : []),
    ...state.problems.slice(-2).map((what) => `problem   ${paint('red', plain(what))}`),
  ];
}

function comingText(step: FaultStep, about: About): string {
  const planned = schedule(step, about.plan.scenario.faults);
  if ('fault' in planned) return step.id;
  const inMs = planned.atMs - elapsedMs(about);
  return inMs > 0 ? `${step.id} in ${seconds(inMs)}` : step.id;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
