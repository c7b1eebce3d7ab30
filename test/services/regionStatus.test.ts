/** How a region is shown to a person whose nodes are not all well. */
import { describe, expect, it } from 'vitest';
import { regionSchema } from '../../src/services/nodeConfig.ts';
import type { GroupStatus, NodeStatus } from '../../src/services/nodeStatus.ts';
import { regionStatus, statusText } from '../../src/services/regionStatus.ts';

const ids = ['n1', 'n2', 'n3', 'n4'];
const storage = ['n1-1', 'n2-1', 'n3-1'];
const region = regionSchema.parse({
  region: 'shop',
  control: { port: 1 },
  nodes: ids.map((id, i) => {
    return { id, zone: id, address: { port: 2 + i }, http: { port: 12 + i } };
  }),
  groups: [
    {
      number: 1,
      members: storage.map((replica) => {
        return { replica, node: replica.slice(0, 2), role: 'storage' };
      }),
    },
  ],
});

const group: GroupStatus = {
  ...{ group: 1, replica: 'n1-1', role: 'storage', phase: 'follower', serving: false },
  ...{ leader: 'n1-1', epoch: 1, members: storage, storage, copied: 40, round: 1 },
  ...{ log: 40, base: 0, commit: 40 },
};
const node = (id: string, more: Partial<NodeStatus>): NodeStatus => ({
  ...{ node: id, zone: id, region: 'shop', mode: 'up', peers: [] },
  ...{ groups: [{ ...group, replica: `${id}-1` }] },
  ...more,
});
const leads = { groups: [{ ...group, phase: 'leader', serving: true }] } as const;

describe('the status of a region', () => {
  it('says which node is not well and why, what takes nothing, what is damaged, what copies', () => {
    const copies = { ...group, replica: 'n4-abc', epoch: 0, members: [], storage: [], copied: 12 };
    const status = regionStatus(region, [
      node('n1', leads),
      node('n2', { mode: 'readOnly', reasons: ['its disk is full'], damaged: [] }),
      node('n3', { mode: 'quarantined', reasons: ['it is damaged'], damaged: [1], groups: [] }),
      node('n4', { groups: [copies] }),
    ]);
    expect(statusText(status).split('\n').slice(2)).toEqual([
      '  node      zone      state     replicas  leads',
      '  n1        n1        up        1         1',
      '  n2        n2        readOnly  1         0',
      '  n3        n3        damaged   0         0',
      '  n4        n4        up        1         0',
      '',
      '  n2: its disk is full',
      '  n3: it is damaged',
      '',
      '  group     leader    commit    members',
      '  1         n1        40        n1 leader, n2 follower read-only, n3 damaged, n4 copies, 12 so far',
      '',
    ]);
  });

  it('of nodes that say less, or nothing, is told all the same', () => {
    const status = regionStatus(region, [node('n1', leads), node('n2', {}), undefined, undefined]);
    expect(status.nodes.map(({ up, reasons }) => [up, reasons])).toEqual([
      [true, []],
      [true, []],
      [false, []],
      [false, []],
    ]);
    expect(status.groups[0]?.members.map(({ phase, readOnly }) => [phase, readOnly])).toEqual([
      ['leader', false],
      ['follower', false],
      ['down', false],
    ]);
    expect(statusText(status)).toContain('n1 leader, n2 follower, n3 down\n');
  });
});
