import type { Guard } from '../contracts/cluster.ts';

/** Guards as one. Where one cannot be armed the others are released. */
export async function joinGuards(arming: readonly Promise<Guard>[]): Promise<Guard> {
  const settled = await Promise.allSettled(arming);
  const guards = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const release = async () => (await Promise.all(guards.map((guard) => guard.release()))).flat();
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) {
    await release();
    throw failed.reason;
  }
  return {
    lost: Promise.race(guards.map(({ lost }) => lost)),
    release,
    [Symbol.asyncDispose]: async () => {
      await release();
    },
  };
}
