/** What waits to be archived is archived evenly, and as fast as it comes. */
import { describe, expect, it } from 'vitest';
import { ArchivePace, spreadMs } from '../../src/services/archivePace.ts';
import type { Clock } from '../../src/world/clock.ts';

const piece = 64 << 10;

/** Time that moves on to the next timer, and stands still while anything else goes on. */
function pacing(waitingBytes: number, { isUrgent = false, lateMs = 0 } = {}) {
  let [nowMs, soons, turns] = [0, 0, 0];
  const timers: { readonly dueMs: number; readonly run: () => void }[] = [];
  const next = (): void => {
    timers.sort((a, b) => b.dueMs - a.dueMs);
    const timer = timers.pop()!;
    nowMs = timer.dueMs;
    timer.run();
  };
  const clock: Clock = {
    nowMs: () => nowMs,
    every: () => ({ cancel: () => undefined }),
    after(delayMs, run) {
      turns += 1;
      timers.push({ dueMs: nowMs + delayMs + lateMs, run });
      setImmediate(next);
      return { cancel: () => undefined };
    },
    soon(run) {
      soons += 1;
      turns += 1;
      queueMicrotask(run);
    },
  };
  const pace = new ArchivePace({
    clock,
    waitingBytes: () => waitingBytes,
    isUrgent: () => isUrgent,
  });
  return { pace, nowMs: () => nowMs, soons: () => soons, turns: () => turns };
}

/** Every byte is handled three times. */
async function archive(pace: ArchivePace, bytes: number): Promise<void> {
  for (let pass = 0; pass < 3; pass += 1) {
    for (let left = bytes; left > 0; left -= piece) await pace.turn(Math.min(left, piece));
  }
}

describe('the pace of the archiver', () => {
  it('spreads what waits over the same time, however much that is', async () => {
    for (const bytes of [8 << 20, 64 << 20, 512 << 20]) {
      const { pace, nowMs } = pacing(bytes);
      await archive(pace, bytes);
      expect(nowMs() / spreadMs).toBeCloseTo(1, 2);
    }
  });

  it('makes up for time that the process did not get, without ever taking much at once', async () => {
    const { pace, nowMs, turns } = pacing(16 << 20, { lateMs: 100 });
    await archive(pace, 16 << 20);
    expect(nowMs() / spreadMs).toBeCloseTo(1, 1);
    expect(turns()).toBeGreaterThanOrEqual((3 * 16) << 2);
  });

  it('rests no longer than a piece is worth where little waits', async () => {
    const { pace, nowMs } = pacing(2 * piece);
    await archive(pace, 2 * piece);
    expect(nowMs()).toBe(6 * 50);
  });

  it('is one for all that is archived at once', async () => {
    const { pace, nowMs } = pacing(8 << 20);
    await Promise.all(Array.from({ length: 8 }, () => archive(pace, 1 << 20)));
    expect(nowMs()).toBeGreaterThanOrEqual(spreadMs - 50);
  });

  it('lets others have their turn and rests no longer where somebody waits', async () => {
    const { pace, nowMs, soons } = pacing(1 << 20, { isUrgent: true });
    await archive(pace, 1 << 20);
    expect([nowMs(), soons()]).toEqual([0, 3 * 4]);
  });
});
