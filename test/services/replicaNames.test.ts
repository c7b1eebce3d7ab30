/** Replicas are found on their nodes by name, however the config names them. */
import { expect, it } from 'vitest';
import { nodeOf, nodesOf } from '../../src/services/replicaNames.ts';

it('finds the node of each name as the config of its group tells it', () => {
  const member = (replica: string, node: string) => ({ replica, node, role: 'storage' }) as const;
  const groups = [
    { number: 1, members: [member('n1-1', 'n1'), member('n2-1', 'n2'), member('a', 'n3')] },
    { number: 2, members: [member('n1-1', 'n1'), member('n2-1', 'n3'), member('a', 'n2')] },
    { number: 3, members: [member('n1-2', 'n4')] },
  ];
  const names = ['n1-1', 'n2-1', 'a', 'n1-2', 'n5-0123ab', ''];
  const asked = groups.flatMap((group) => names.map((name) => [group, name] as const));
  const found = nodesOf(groups);
  expect(asked.map(([group, name]) => found(group, name))).toEqual(
    asked.map(([group, name]) => nodeOf(group, name)),
  );
  expect([found(groups[0], 'n2-1'), found(groups[1], 'n2-1')]).toEqual(['n2', 'n3']);
});
