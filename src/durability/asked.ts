import type { DurabilityRow } from '../contracts/durability.ts';
import { quantityOf } from './quantities.ts';
import type { Facts } from './facts.ts';

/**
 * One row per parameter that the scenario asked for and the primary does not run: Patroni leaves out what it does not
 * know and sets some by itself, and a run under another name than its own would prove the wrong thing.
 */
export function notInForce({ settings, primary }: Facts): readonly DurabilityRow[] {
  if (!primary) return [];
  return Object.entries(settings.asked).flatMap(([name, asked]): DurabilityRow[] => {
    const found = primary.parameters[name];
    if (found !== undefined && !surelyDiffers(asked, found)) return [];
    const value = found ?? 'not known to the server';
    const promise = `the scenario asked for ${name} = ${asked || "''"}, which is not in force`;
    return [{ setting: name, value, differs: [], promise, level: 'defect' }];
  });
}

/** PostgreSQL spells a value its own way: '65536kB' is '64MB', 'true' is 'on'. Where that cannot be told, it agrees. */
function surelyDiffers(asked: string, found: string): boolean {
  const [left, right] = [quantityOf(asked), quantityOf(found)];
  if (typeof left === 'string' || typeof right === 'string') return left !== right;
  return left.unit !== right.unit ? false : left.amount !== right.amount;
}
