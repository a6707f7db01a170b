import { expect, it } from 'vitest';
import { soak } from '../../bench/support/soak.ts';

const minutes = 10;
const longestMs = 15 * 60_000;

it(
  'ten minutes at full speed leave memory as it is, and no event loop stands still',
  async () => {
    const figures = await soak(minutes);
    console.log(JSON.stringify(figures));
    const { mbPerMinute, stallMs, harnessGcMs } = figures;
    expect(mbPerMinute.worker).toBeLessThan(1);
    expect(mbPerMinute.harness).toBeLessThan(1);
    // What the machine does to a process that only waits, it does to these too. Garbage collection
    // is known of the harness alone.
    expect(stallMs.worker).toBeLessThan(100 + stallMs.idle);
    expect(stallMs.harness).toBeLessThan(100 + stallMs.idle + harnessGcMs);
  },
  longestMs,
);
