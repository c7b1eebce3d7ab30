/** A node's status page: sent whole when anything of it has changed, else named as known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPage } from '../../src/services/control.ts';
import type { FetchOptions } from '../../src/services/control.ts';
import { freePorts } from '../../src/services/freePorts.ts';
import { openHttpDoor } from '../../src/services/httpDoor.ts';
import type { HttpDoor, Page } from '../../src/services/httpDoor.ts';
import { statusPage } from '../../src/services/nodeStatus.ts';
import type { GroupStatus, NodeStatus } from '../../src/services/nodeStatus.ts';

const group: GroupStatus = {
  group: 1,
  replica: 'n1-1',
  role: 'storage',
  phase: 'leader',
  serving: true,
  leader: 'n1-1',
  epoch: 1,
  members: ['n1-1', 'n2-1', 'n3-1'],
  storage: ['n1-1', 'n2-1', 'n3-1'],
  copied: 3,
  round: 2,
  log: 3,
  base: 0,
  commit: 3,
};
const whole: NodeStatus = {
  node: 'n1',
  zone: 'z1',
  region: 'local',
  mode: 'up',
  peers: ['n2'],
  groups: [group],
};
const changed: Required<{ [F in keyof GroupStatus]: GroupStatus[F] }> = {
  group: 2,
  replica: 'n1-2',
  role: 'log',
  phase: 'follower',
  serving: false,
  leader: '',
  epoch: 2,
  members: ['n1-1'],
  storage: ['n1-1'],
  copied: 4,
  round: 3,
  log: 4,
  base: 1,
  commit: 4,
};

describe('the status page of a node', () => {
  const others: [string, NodeStatus][] = [
    ['mode', { ...whole, mode: 'readOnly' }],
    ['peers', { ...whole, peers: ['n2', 'n3'] }],
    ['reasons', { ...whole, reasons: ['its disk is slow'] }],
    ['damaged', { ...whole, damaged: [1] }],
    ['groups', { ...whole, groups: [group, { ...group, group: 2 }] }],
    ...Object.entries(changed).map(([field, value]): [string, NodeStatus] => {
      return [field, { ...whole, groups: [{ ...group, [field]: value }] }];
    }),
  ];
  it.each(others)('is sent again where %s has changed, and only then', (_, next) => {
    let now = whole;
    const page = statusPage(() => now, 'run');
    const { tag } = page('') as Page;
    now = { ...whole, groups: [{ ...group }] };
    expect(page(tag!)).toEqual({ known: tag });
    now = next;
    expect(JSON.parse((page(tag!) as Page).body)).toEqual(next);
  });

  it('of another process is another page', () => {
    const { tag } = statusPage(() => whole, 'before')('') as Page;
    expect(statusPage(() => whole, 'after')(tag!)).toHaveProperty('body');
  });
});

describe('a page that is kept', () => {
  let now = whole;
  let door: HttpDoor;
  const address = { host: '127.0.0.1', port: 0 };
  beforeAll(async () => {
    [address.port = 0] = await freePorts(1, address.host);
    door = await openHttpDoor(address, { '/status': statusPage(() => now, 'run') });
  });
  afterAll(() => door.close());

  it('is given again as it was until there is a new one', async () => {
    const kept: FetchOptions['kept'] = new Map();
    const fetched = (o: FetchOptions): Promise<unknown> => fetchPage(address, '/status', o);
    const first = await fetched({ kept });
    const again = await fetched({ kept });
    const whoKeepsNone = await fetched({});
    now = { ...whole, mode: 'readOnly' };
    const next = await fetched({ kept });
    expect(first).toEqual(whole);
    expect(again).toBe(first);
    expect(whoKeepsNone).toEqual(whole);
    expect(next).toEqual(now);
  });
});
