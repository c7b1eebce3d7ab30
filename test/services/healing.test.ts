/** What the healer asks for, from what the nodes say: one change at a time, and none that harms. */
import { describe, expect, it } from 'vitest';
import { Healing, lagMax } from '../../src/services/healing.ts';
import type { SeenNode } from '../../src/services/healing.ts';
import type { RegionConfig } from '../../src/services/nodeConfig.ts';
import type { GroupStatus } from '../../src/services/nodeStatus.ts';
import type { LogMode } from '../../src/storage/log.ts';
import { newReplica, nodeOf } from '../../src/services/replicaNames.ts';

const afterMs = 1_000;
const host = '127.0.0.1';
const nodes = ['n1', 'n2', 'n3', 'l1'].map((id, i) => ({
  id,
  zone: id === 'l1' ? 'z1' : `z${i + 1}`,
  role: id === 'l1' ? ('log' as const) : ('storage' as const),
  address: { host, port: 1 + i },
  http: { host, port: 11 + i },
}));
const config = ['n1', 'n2', 'n3'].map((node) => {
  return { replica: `${node}-1`, node, role: 'storage' as const };
});
const region: RegionConfig = {
  region: 'local',
  control: { host, port: 20 },
  nodes,
  groups: [{ number: 1, members: config }],
  leaseMs: 1_000,
  driftMs: 50,
  inMemory: false,
};

const first = ['n1-1', 'n2-1', 'n3-1'];

function replica(id: string, changed: Partial<GroupStatus> = {}): GroupStatus {
  return {
    group: 1,
    replica: id,
    role: 'storage',
    phase: 'follower',
    serving: false,
    leader: 'n1-1',
    epoch: 1,
    members: first,
    storage: first,
    copied: 9,
    base: 0,
    round: 1,
    log: 9,
    commit: 9,
    ...changed,
  };
}

/** What is to be done where these replicas answer; a node that holds none gives `[]`. */
function deeds(
  seen: Record<string, readonly GroupStatus[] | number>,
  modes: Record<string, LogMode> = {},
  within = region,
): unknown {
  const all = new Map<string, SeenNode>(
    within.nodes.map(({ id, zone }) => {
      const groups = seen[id] ?? [];
      if (typeof groups === 'number') return [id, { status: undefined, downMs: groups }];
      const { [id]: mode = 'up' } = modes;
      const status = { node: id, zone, region: 'local', mode, peers: [], groups };
      return [id, { status, downMs: 0 }];
    }),
  );
  const healing = new Healing(within, all, afterMs);
  const found = healing.deeds().map(({ node, op }) => [node, op]);
  return { found, whole: healing.whole };
}

const leader = replica('n1-1', { serving: true, phase: 'leader' });
const follower = replica('n3-1');

describe('a group that misses a member', () => {
  it('is left alone until the member has been silent for long, and without a leader', () => {
    const n2 = [replica('n2-1')];
    expect(deeds({ n1: [leader], n2, n3: [follower] })).toEqual({ found: [], whole: true });
    expect(deeds({ n1: [leader], n2: afterMs - 1, n3: [follower] })).toEqual({
      found: [],
      whole: true,
    });
    expect(deeds({ n1: [replica('n1-1')], n2: afterMs, n3: [follower] })).toEqual({
      found: [],
      whole: false,
    });
  });

  it('gets a log replica: it copies first, and then is proposed for the epoch that was seen', () => {
    const build = ['l1', { kind: 'build', source: 'n1' }];
    expect(deeds({ n1: [leader], n2: afterMs, n3: [follower] })).toEqual({
      found: [build],
      whole: false,
    });
    const waits = replica('l1-a', { epoch: 0, members: [], storage: [], copied: 8 });
    const behind = replica('n1-1', { serving: true, commit: 9 + lagMax });
    expect(deeds({ n1: [behind], n2: afterMs, n3: [follower], l1: [waits] })).toEqual({
      found: [build],
      whole: false,
    });
    const change = { epoch: 1, members: ['n1-1', 'l1-a', 'n3-1'], storage: ['n1-1', 'n3-1'] };
    expect(deeds({ n1: [leader], n2: afterMs, n3: [follower], l1: [waits] })).toEqual({
      found: [['n1', { kind: 'reconfigure', ...change }]],
      whole: false,
    });
  });

  it('gets one at once where the node is there and has lost it', () => {
    expect(deeds({ n1: [leader], n2: [], n3: [follower] })).toEqual({
      found: [['l1', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
  });

  it('gets one where the node has a replica of another group by the same name', () => {
    const other = replica('n2-1', { group: 2 });
    const quarantined = { n2: 'quarantined' } as const;
    expect(deeds({ n1: [leader], n2: [other], n3: [follower] }, quarantined)).toEqual({
      found: [['l1', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
  });

  it('gets one at once for a node whose disk is full, which is asked for nothing', () => {
    const seen = { n1: [leader], n2: [replica('n2-1')], n3: [follower] };
    const full = { n2: 'readOnly' } as const;
    expect(deeds(seen, full)).toEqual({
      found: [['l1', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
    const members = ['n1-1', 'l1-a', 'n3-1'];
    const storage = ['n1-1', 'n3-1'];
    const next = { epoch: 2, members, storage };
    const after = {
      n1: [{ ...leader, ...next }],
      n2: [replica('n2-1')],
      n3: [{ ...follower, ...next }],
      l1: [replica('l1-a', { role: 'log', ...next })],
    };
    expect(deeds(after, full)).toEqual({ found: [], whole: false });
    expect(deeds({ ...after, n2: [] })).toEqual({
      found: [['n2', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
    // A log with damage in other places takes what a new replica writes.
    expect(deeds({ ...after, n2: [] }, { n2: 'quarantined' })).toEqual({
      found: [['n2', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
  });

  it('gets a storage replica where no other host of log replicas is left', () => {
    expect(deeds({ n1: [leader], n2: [], n3: [follower], l1: 5 })).toEqual({
      found: [['n2', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
  });
});

describe('a group with a log replica', () => {
  const members = ['n1-1', 'l1-a', 'n3-1'];
  const now = { epoch: 2, members, storage: ['n1-1', 'n3-1'] };
  const n1 = [replica('n1-1', { ...now, serving: true })];
  const [n3, l1] = [[replica('n3-1', now)], [replica('l1-a', { ...now, role: 'log' })]];

  it('ends what was left out, and then builds a storage replica in its place', () => {
    expect(deeds({ n1, n2: [replica('n2-1')], n3, l1 })).toEqual({
      found: [['n2', { kind: 'retire', replica: 'n2-1', epoch: 1 }]],
      whole: false,
    });
    expect(deeds({ n1, n2: [], n3, l1 })).toEqual({
      found: [['n2', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
    const waits = replica('n2-b', { epoch: 0, members: [], storage: [] });
    const change = {
      epoch: 2,
      members: ['n1-1', 'n2-b', 'n3-1'],
      storage: ['n1-1', 'n3-1', 'n2-b'],
    };
    expect(deeds({ n1, n2: [waits], n3, l1 })).toEqual({
      found: [['n1', { kind: 'reconfigure', ...change }]],
      whole: false,
    });
  });

  it('keeps a copy of items that goes on while another member fails', () => {
    const another = { ...nodes[3]!, id: 'l2' };
    const within = { ...region, nodes: [...nodes, another] };
    const waiting = { epoch: 0, members: [], storage: [], copied: 0 };
    const n2 = [replica('n2-x', waiting)];
    expect(deeds({ n1, n2, n3: afterMs, l1 }, {}, within)).toEqual({
      found: [['l2', { kind: 'build', source: 'n1' }]],
      whole: false,
    });
    // A log replica copies little, and begins anew when it is needed.
    const l2 = [replica('l2-x', { ...waiting, role: 'log' })];
    const retired = ['l2', { kind: 'retire', replica: 'l2-x', epoch: 0 }];
    const built = ['n2', { kind: 'build', source: 'n1' }];
    expect(deeds({ n1, n2: [], n3, l1, l2 }, {}, within)).toEqual({
      found: [retired, built],
      whole: false,
    });
  });

  it('stays as it is while no node is free, and ends a copy that nobody needs', () => {
    expect(deeds({ n1, n2: afterMs, n3, l1 })).toEqual({ found: [], whole: false });
    const waits = replica('l1-b', { epoch: 0, members: [], storage: [] });
    const n2 = [replica('n2-1')];
    expect(deeds({ n1: [leader], n2, n3: [follower], l1: [waits] })).toEqual({
      found: [['l1', { kind: 'retire', replica: 'l1-b', epoch: 0 }]],
      whole: true,
    });
  });
});

describe('the name of a replica', () => {
  it('tells its node, and is given once', () => {
    const [group] = region.groups;
    const [one, other] = [newReplica('n2-x'), newReplica('n2-x')];
    expect([nodeOf(group, one), one === other]).toEqual(['n2-x', false]);
    expect([nodeOf(group, 'n3-1'), nodeOf(undefined, '')]).toEqual(['n3', '']);
  });
});
