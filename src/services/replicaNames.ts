/**
 * Names of replicas. A replica has one for good: one that lost its disk comes back under another,
 * since it does not know any more what it promised. What must hold: a name tells its node, and is
 * never given twice.
 */
import { randomBytes } from 'node:crypto';
import type { GroupConfig } from './nodeConfig.ts';

const randomLength = 6;

export function newReplica(node: string): string {
  return `${node}-${randomBytes(randomLength).toString('hex')}`;
}

const told = (replica: string): string => replica.slice(0, Math.max(0, replica.lastIndexOf('-')));

/** The node of a replica: the config tells it for those that the group began with. */
export function nodeOf(group: GroupConfig | undefined, replica: string): string {
  const first = group?.members.find((member) => member.replica === replica);
  return first?.node ?? told(replica);
}

/**
 * `nodeOf` for each message of thousands of groups, which have few names: whoever looks into the
 * config of each finds none of it in the caches of the processor.
 */
export function nodesOf(groups: readonly GroupConfig[]): typeof nodeOf {
  const members = groups.flatMap((group) => group.members);
  const plain = new Map(members.map(({ replica }) => [replica, told(replica)]));
  // A name that some group gives to another node is looked up.
  for (const { replica, node } of members) if (told(replica) !== node) plain.delete(replica);
  return (group, replica) => plain.get(replica) ?? nodeOf(group, replica);
}
