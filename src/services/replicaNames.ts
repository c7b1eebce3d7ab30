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

/** The node of a replica: the config tells it for those that the group began with. */
export function nodeOf(group: GroupConfig | undefined, replica: string): string {
  const first = group?.members.find((member) => member.replica === replica);
  return first?.node ?? replica.slice(0, Math.max(0, replica.lastIndexOf('-')));
}
