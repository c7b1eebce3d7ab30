/** What a node says of itself where not all is well. */
import { describe, expect, it } from 'vitest';
import { nodeHealth } from '../../src/services/nodeHealth.ts';
import type { Looked } from '../../src/services/nodeHealth.ts';

const well: Looked = {
  mode: 'up',
  slow: false,
  damagedGroups: [],
  connectedPeers: ['n2'],
  archiver: { failing: undefined, sinceWorkedMs: 90_000 },
};

describe('the health of a node', () => {
  it('is good where nothing is wrong, with an archive or without, and alone in its region', () => {
    const good = { ready: true, reasons: [] };
    expect(nodeHealth(well, 1)).toEqual(good);
    expect(nodeHealth({ ...well, archiver: undefined }, 1)).toEqual(good);
    expect(nodeHealth({ ...well, connectedPeers: [] }, 0)).toEqual(good);
  });

  it.each<[string, Partial<Looked>, boolean, string]>([
    ['a full disk', { mode: 'readOnly' }, false, 'its disk is full'],
    ['a log that stopped', { mode: 'down' }, false, 'its log has stopped'],
    ['damage', { damagedGroups: [3] }, false, 'of group 3 is damaged'],
    ['no links', { connectedPeers: [] }, false, 'no link to any other node'],
    ['a slow disk', { slow: true }, true, 'its disk is slow'],
    [
      'a failing archive',
      { archiver: { failing: new Error('access denied'), sinceWorkedMs: 61_400 } },
      true,
      'has taken nothing for 61 s, and logs grow: access denied',
    ],
  ])('with %s is told, and whether it is ready', (_, wrong, ready, reason) => {
    const health = nodeHealth({ ...well, ...wrong }, 1);
    expect(health).toEqual({ ready, reasons: [expect.stringContaining(reason)] });
  });

  it('names few of many groups, and each thing that is wrong', () => {
    const damagedGroups = Array.from({ length: 2_000 }, (_, i) => i + 1);
    const { reasons } = nodeHealth({ ...well, mode: 'quarantined', damagedGroups, slow: true }, 1);
    expect(reasons).toEqual([
      expect.stringContaining('groups 1, 2, 3, 4, 5, 6, 7, 8 and 1992 more'),
      expect.stringContaining('slow'),
    ]);
  });
});
