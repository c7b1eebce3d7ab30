/** The healer looks at a region that is whole seldom, and at one that misses a node in time. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { failedAfterMs, Healer } from '../../src/services/healer.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import type { GroupStatus } from '../../src/services/nodeStatus.ts';
import type { Clock } from '../../src/world/clock.ts';
import type { Address, Wire } from '../../src/world/wire.ts';

const host = '127.0.0.1';
const names = ['n1', 'n2', 'n3', 'l1'];
const members = ['n1-1', 'n2-1', 'n3-1'];
const leaseMs = 2_000;
const stepMs = 50;
/** How often the healer wakes, and what a step of the test adds. */
const wakesMs = 250 + stepMs;

const region: RegionConfig = {
  region: 'local',
  control: { host, port: 20 },
  nodes: names.map((id, i) => ({
    id,
    zone: id === 'l1' ? 'z1' : `z${i + 1}`,
    role: id === 'l1' ? 'log' : 'storage',
    address: { host, port: 1 + i },
    http: { host, port: 11 + i },
  })),
  groups: [
    {
      number: 1,
      members: members.map((replica) => ({
        replica,
        node: replica.slice(0, 2),
        role: 'storage' as const,
      })),
    },
  ],
  leaseMs,
  driftMs: 100,
  inMemory: false,
};

function statusOf(id: string): { node: string; mode: string; groups: readonly GroupStatus[] } {
  const leads = id === 'n1';
  const about = { leader: 'n1-1', epoch: 1, members, storage: members };
  const at = { copied: 9, base: 0, round: 1, log: 9, commit: 9 };
  const held: GroupStatus = {
    group: 1,
    replica: `${id}-1`,
    role: 'storage',
    phase: leads ? 'leader' : 'follower',
    serving: leads,
    ...about,
    ...at,
  };
  return { node: id, mode: 'up', groups: id === 'l1' ? [] : [held] };
}

/** A region whose third node answers until it is killed, and when whom the healer asked. */
function watchedRegion() {
  let nowMs = 0;
  let killed = false;
  let looks = 0;
  const asked: { readonly node: string; readonly atMs: number }[] = [];
  const timers: (() => void)[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    every(periodMs, run) {
      let dueMs = nowMs + periodMs;
      timers.push(() => {
        if (nowMs < dueMs) return;
        dueMs += periodMs;
        run();
      });
      return { cancel: () => undefined };
    },
    after: () => ({ cancel: () => undefined }),
    soon: (run) => queueMicrotask(run),
  };
  const wire: Wire = {
    listen: () => Promise.reject(new Error('nobody listens')),
    connect({ port }) {
      asked.push({ node: names[port - 1]!, atMs: nowMs });
      return Promise.reject(new Error('refused'));
    },
  };
  const fetchPage = ({ port }: Address, path: string): Promise<unknown> => {
    const id = names[port - 11]!;
    if (path === '/status' && id === 'n1') looks += 1;
    if (killed && id === 'n3') return Promise.reject(new Error('refused'));
    return Promise.resolve(path === '/health' ? { run: id } : statusOf(id));
  };
  const logger = pino({ level: 'silent' });
  const healer = new Healer({ region, wire, clock, fetchPage, logger });
  return {
    asked,
    close: () => healer.close(),
    kill: () => void (killed = true),
    looks: () => looks,
    nowMs: () => nowMs,
    async pass(ms: number): Promise<void> {
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += stepMs;
        for (const run of timers) run();
        await new Promise((done) => setImmediate(done));
      }
    },
  };
}

describe('a healer', () => {
  it.each([0, 1_250, 2_500, 4_000])(
    'asks for a log replica as soon as a node has failed, %s ms after it saw all was whole',
    async (restMs) => {
      const { asked, close, kill, nowMs, pass } = watchedRegion();
      await pass(6_000 + restMs);
      kill();
      const killedMs = nowMs();
      await pass(10_000);
      close();
      expect(asked[0]?.node).toBe('l1');
      const lateMs = asked[0]!.atMs - killedMs;
      expect(lateMs).toBeGreaterThan(failedAfterMs(leaseMs) - wakesMs);
      expect(lateMs).toBeLessThanOrEqual(failedAfterMs(leaseMs) + wakesMs);
    },
  );

  it('leaves a region that is whole alone', async () => {
    const { asked, close, looks, pass } = watchedRegion();
    await pass(60_000);
    close();
    expect(asked).toEqual([]);
    expect(looks()).toBeGreaterThan(5);
    expect(looks()).toBeLessThan(20);
  });
});
