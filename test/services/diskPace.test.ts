/** When a node takes its disk for slow, and when no longer. */
import { describe, expect, it } from 'vitest';
import { DiskPace, restMs, slowMs } from '../../src/services/diskPace.ts';

const lookMs = 100;
const holdBackMs = 2_000;

/** A disk whose fsyncs take so long each, for so long; how often it became slow. */
function run(pace: DiskPace, o: { fromMs: number; forMs: number; fsyncMs: number }): number {
  let became = 0;
  let endsMs = -1;
  for (let ms = 0; ms < o.forMs; ms += 10) {
    const nowMs = o.fromMs + ms;
    if (endsMs >= 0 && nowMs >= endsMs) {
      pace.kept();
      endsMs = -1;
    }
    if (endsMs < 0) {
      pace.append();
      endsMs = nowMs + o.fsyncMs;
    }
    if (nowMs % lookMs === 0 && pace.look(nowMs)) became += 1;
  }
  if (endsMs >= 0) pace.kept();
  return became;
}

describe('a disk', () => {
  it('is slow once while its fsyncs take long, and holds back for what an election takes', () => {
    const pace = new DiskPace({ lookMs, holdBackMs });
    expect(run(pace, { fromMs: 0, forMs: 5_000, fsyncMs: 20 })).toBe(0);
    expect([pace.slow, pace.holdBackMs]).toEqual([false, 0]);
    expect(run(pace, { fromMs: 5_000, forMs: 20_000, fsyncMs: slowMs + 400 })).toBe(1);
    expect([pace.slow, pace.holdBackMs]).toEqual([true, 3 * (slowMs + 300)]);
  });

  it('is fast again only after it was fast for a while', () => {
    const pace = new DiskPace({ lookMs, holdBackMs });
    run(pace, { fromMs: 0, forMs: 3_000, fsyncMs: 1_000 });
    run(pace, { fromMs: 3_000, forMs: restMs - 1_000, fsyncMs: 20 });
    expect(pace.slow).toBe(true);
    run(pace, { fromMs: 2_000 + restMs, forMs: 3_000, fsyncMs: 20 });
    expect([pace.slow, pace.holdBackMs]).toEqual([false, 0]);
  });

  it('is not slow where the process itself got no time, nor where nothing is written', () => {
    const pace = new DiskPace({ lookMs, holdBackMs });
    pace.look(0);
    pace.append();
    pace.look(100);
    // The next look comes seconds late, and before the finished fsync is told.
    expect(pace.look(9_000)).toBe(false);
    pace.kept();
    for (let nowMs = 9_100; nowMs < 20_000; nowMs += lookMs) expect(pace.look(nowMs)).toBe(false);
    expect(pace.slow).toBe(false);
  });
});
