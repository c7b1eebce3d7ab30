/** Elections of many groups at once take turns. */
import { describe, expect, it } from 'vitest';
import { init } from '../../src/protocol/membership/state.ts';
import type { State } from '../../src/protocol/membership/state.ts';
import { Elections, electionsMax } from '../../src/services/elections.ts';
import type { Clock } from '../../src/world/clock.ts';

const members = ['n1-1', 'n2-1', 'n3-1'];
const first = { epoch: 1, members, storage: members };
const groups = 3 * electionsMax;

/** A node of many groups on a clock of the test's own, and which of them have begun. */
function node() {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    every: () => ({ cancel: () => undefined }),
    after(delayMs, run) {
      const timer = { atMs: nowMs + delayMs, run };
      due.push(timer);
      return { cancel: () => void (due = due.filter((each) => each !== timer)) };
    },
    soon: (run) => run(),
  };
  const states = new Map<number, State>();
  const begun: number[] = [];
  const elections = new Elections(clock);
  for (let group = 1; group <= groups; group += 1) {
    states.set(group, init({ id: 'n1-1', leaseMs: 2_000, driftMs: 100 }, first));
  }
  const change = (group: number, changed: Partial<State>): void => {
    states.set(group, { ...states.get(group)!, ...changed });
  };
  return {
    elections,
    begun,
    change,
    stand(group: number): void {
      const elect = (): void => {
        begun.push(group);
        change(group, { phase: 'candidate' });
      };
      elections.stand(group, { state: () => states.get(group)!, elect });
    },
    advance(byMs: number): void {
      nowMs += byMs;
      const ready = due.filter(({ atMs }) => atMs <= nowMs);
      due = due.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of ready) run();
    },
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

describe('elections', () => {
  it('begin as many as may run at once, and the others as those get done', () => {
    const { stand, begun, change, advance } = node();

    for (const group of upTo(groups)) stand(group);
    expect(begun).toEqual(upTo(electionsMax));
    for (const group of upTo(10)) change(group, { phase: 'leader' });
    advance(10);

    expect(begun).toEqual(upTo(electionsMax + 10));
  });

  it('make room for others where they come to nothing', () => {
    const { stand, begun, advance } = node();
    for (const group of upTo(groups)) stand(group);

    for (let passed = 0; passed < 1_000; passed += 10) advance(10);

    expect(begun).toEqual(upTo(groups));
  });

  it('are not begun where another one stands meanwhile', () => {
    const { stand, begun, change, advance } = node();
    for (const group of upTo(electionsMax + 2)) stand(group);

    change(electionsMax + 1, { promised: { epoch: 1, round: 1, replica: 'n2-1' } });
    for (const group of upTo(electionsMax)) change(group, { phase: 'leader' });
    advance(10);

    expect(begun).toEqual([...upTo(electionsMax), electionsMax + 2]);
  });

  it('begin none after the end', () => {
    const { elections, stand, begun, change, advance } = node();
    for (const group of upTo(groups)) stand(group);

    elections.close();
    for (const group of upTo(electionsMax)) change(group, { phase: 'leader' });
    advance(1_000);

    expect(begun).toHaveLength(electionsMax);
  });

  it('are not begun for a replica that has ended', () => {
    const { elections, stand, begun, change, advance } = node();
    for (let group = 1; group <= groups; group += 1) stand(group);
    const gone = electionsMax + 1;
    elections.leave(gone);
    for (const group of upTo(electionsMax)) change(group, { phase: 'leader' });
    advance(20);
    expect(begun).toContain(gone + 1);
    expect(begun).not.toContain(gone);
    elections.close();
  });
});
