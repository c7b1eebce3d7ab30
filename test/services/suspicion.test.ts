/** Followers that ask one another about a leader find out that it is gone. */
import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Answer, Question } from '../../src/services/messageCodec.ts';
import { Suspicion } from '../../src/services/suspicion.ts';

const seed = Number(process.env['BISIM_SEED'] ?? 1);
const times = { suspectMs: 600, staggerMs: 25, retryMs: 300, beginMs: 600 };
const members = ['a', 'b', 'c'];
const stepMs = 20;
const patienceMs = 10_000;

/** Two followers of `a`, which hear it last at these times; when one of them runs for leader. */
function electedMs(lastHeardMs: readonly number[], from: number, to: number): number | undefined {
  let elected: number | undefined;
  let nowMs = from;
  const followers = new Map<string, Suspicion>();
  const asked = new Map<string, (message: Question) => void>();
  for (const self of ['b', 'c']) {
    const other = self === 'b' ? 'c' : 'b';
    asked.set(self, (question) => {
      const answer: Answer = followers.get(other)!.answer(question, nowMs);
      followers.get(self)!.receiveAnswer(answer, nowMs);
    });
    const ask = (message: Question): void => asked.get(self)!(message);
    const elect = (): void => void (elected ??= nowMs);
    const candidates = members;
    followers.set(self, new Suspicion({ self, members, candidates, times, nowMs, ask, elect }));
  }
  const each = [...followers.values()];
  for (; nowMs < to && elected === undefined; nowMs += stepMs) {
    for (const [i, follower] of each.entries()) {
      // What is heard once a third of a lease is heard often enough.
      if (nowMs <= lastHeardMs[i]! && nowMs % 300 < stepMs) follower.heard('a', nowMs);
      follower.tick(nowMs);
    }
  }
  return elected;
}

describe('two followers', () => {
  const lastHeard = fc.tuple(fc.nat(3_000), fc.nat(3_000));
  it.prop([lastHeard], { seed, numRuns: 300 })(
    'elect once neither hears the leader, whenever each heard it last',
    ([b, c]) => {
      const elected = electedMs([b, c], 0, 3_000 + patienceMs);
      expect(elected).toBeDefined();
      expect(elected! - Math.max(b, c)).toBeLessThan(2_000);
    },
  );
});

describe('a leader that hands over', () => {
  const candidates = ['a', 'b', 'c'];

  /** Whether it runs for leader at once, and after how long otherwise. */
  function runsAfterMs(self: string, holdBackMs: number, storage = candidates): number {
    let ran = -1;
    let nowMs = 0;
    const follower: Suspicion = new Suspicion({
      self,
      members,
      candidates: storage,
      times: { ...times, holdBackMs: () => holdBackMs },
      nowMs,
      ask: ({ number }) =>
        follower.receiveAnswer({ type: 'answer', from: 'x', number, hears: false }, nowMs),
      elect: () => (ran = ran < 0 ? nowMs : ran),
    });
    follower.heard('b', nowMs);
    follower.handedOver(nowMs);
    for (nowMs = 5; nowMs < 1_000 && ran < 0; nowMs += 5) follower.tick(nowMs);
    return ran;
  }

  it('is followed at once by the first of the others whose disk is not slow', () => {
    const second = times.retryMs + times.staggerMs;
    expect([runsAfterMs('a', 0), runsAfterMs('c', 0)]).toEqual([0, second]);
    expect([runsAfterMs('a', 200), runsAfterMs('c', 200)]).toEqual([200, 200 + second]);
  });

  it('is not followed at once by a replica that may not lead', () => {
    expect(runsAfterMs('a', 0, ['b', 'c'])).toBeGreaterThan(0);
    expect(runsAfterMs('c', 0, ['b', 'c'])).toBe(0);
  });
});

describe('a process that begins', () => {
  it('lets those that stand before it in the group have their time', () => {
    const asksAfterMs = members.map((self) => {
      let asked = -1;
      let nowMs = 0;
      const ask = (): void => void (asked = asked < 0 ? nowMs : asked);
      const elect = (): void => undefined;
      const candidates = members;
      const replica = new Suspicion({ self, members, candidates, times, nowMs, ask, elect });
      for (; nowMs < 3_000 && asked < 0; nowMs += 5) replica.tick(nowMs);
      return asked;
    });

    const { beginMs, staggerMs } = times;
    expect(asksAfterMs).toEqual([0, 1, 2].map((rank) => rank * (beginMs + staggerMs)));
  });
});
