/** Groups that nobody uses take little, and nothing that is to happen to them is put off by that. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SteppedRegion } from './steppedRegion.ts';

const groups = 12;
const leaseMs = 2_000;
const all = Array.from({ length: groups }, (_, i) => i + 1);

describe('groups at rest', () => {
  let region: SteppedRegion;
  beforeEach(async () => {
    region = await SteppedRegion.start(groups, leaseMs);
    await region.pass(15_000);
  });
  afterEach(() => region.close());

  it('have leaders that serve, and are looked at a few times in a lease', async () => {
    region.looks();
    await region.pass(10 * leaseMs);
    const each = region.looks() / (10 * 3 * groups);
    expect(all.map((group) => region.serving(group).length)).toEqual(all.map(() => 1));
    expect(each).toBeGreaterThan(0);
    expect(each).toBeLessThan(5);
  });

  it('are archived and freed of what they need no more after a single write', async () => {
    const [group] = all as [number];
    const [leader] = region.serving(group);
    let answered = '';
    const write = { token: 't', key: 'k', value: 'v' };
    const done = ({ status }: { status: string }): void => void (answered = status);
    region.nodes.get(leader!)!.replicas.get(group)!.calls.put(write, done);
    await region.pass(20_000);
    const { commit } = region.nodes.get(leader!)!.replicas.get(group)!.state;
    const seen = region.replicasOf(group).map(({ state, records }) => {
      return [state.commit, records.kept(state).needed];
    });
    expect(answered).toBe('ok');
    expect(region.nodes.get(leader!)!.archivedOf(group)).toBe(commit);
    expect(seen).toEqual([1, 2, 3].map(() => [commit, commit + 1]));
  });

  it('are led by others within a lease and a second after their leader was cut off', async () => {
    const away = 'n1';
    const led = all.filter((group) => region.serving(group).includes(away));
    region.cut(away);
    await region.pass(leaseMs + 1_000);
    const served = led.map((group) => region.serving(group));
    expect(led.length).toBeGreaterThan(0);
    expect(served.map((by) => [by.length, by.includes(away)])).toEqual(led.map(() => [1, false]));
    await region.pass(2 * leaseMs);
    region.mend();
    await region.pass(10_000);
    const commits = led.map((group) => region.replicasOf(group).map(({ state }) => state.commit));
    expect(commits.every(([a, b, c]) => a === b && b === c)).toBe(true);
    expect(all.map((group) => region.serving(group).length)).toEqual(all.map(() => 1));
  });
});
