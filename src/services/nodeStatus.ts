/** What a storage node says of itself, for `triad status` and the control plane. */
import { jsonPage } from './httpDoor.ts';
import type { KnownPage, Page } from './httpDoor.ts';
import type { LogMode } from '../storage/log.ts';
import type { NodeHealth } from './nodeHealth.ts';
import type { StorageNode } from './storageNode.ts';

export interface GroupStatus {
  readonly group: number;
  readonly replica: string;
  readonly role: 'storage' | 'log';
  readonly phase: 'follower' | 'candidate' | 'leader';
  /** May answer strong reads now. */
  readonly serving: boolean;
  /** The replica that leads, as this one knows, or ''. */
  readonly leader: string;
  /** 0: it waits to become a member. */
  readonly epoch: number;
  /** Of its epoch. */
  readonly members: readonly string[];
  readonly storage: readonly string[];
  /** The slots it holds and knows to be chosen, also while it waits. */
  readonly copied: number;
  readonly round: number;
  readonly log: number;
  /** Of those slots the first so many are dropped. */
  readonly base: number;
  readonly commit: number;
}

export interface NodeStatus {
  readonly node: string;
  readonly zone: string;
  readonly region: string;
  /** Of its log: `readOnly` where the disk is full. */
  readonly mode: LogMode;
  readonly peers: readonly string[];
  readonly groups: readonly GroupStatus[];
  /** What is not well; see nodeHealth.ts. A node of an older version does not say. */
  readonly reasons?: readonly string[];
  /** Groups that are damaged here, and not built anew yet. */
  readonly damaged?: readonly number[];
}

export function nodeStatus(node: StorageNode, { reasons }: NodeHealth): NodeStatus {
  const { entry, region } = node;
  const groups = [...node.replicas].map(([group, replica]): GroupStatus => {
    const { state, leader, serving } = replica;
    const { id, members, storage } = state.group;
    return {
      group,
      replica: id,
      role: storage.includes(id) ? 'storage' : 'log',
      phase: state.phase,
      serving,
      leader,
      epoch: state.epoch,
      members,
      storage,
      copied: replica.copied,
      round: state.promised.round,
      log: state.log.length,
      base: state.log.base,
      commit: state.commit,
    };
  });
  const { mode, connectedPeers: peers, damagedGroups: damaged } = node;
  return { node: entry.id, zone: entry.zone, region, mode, peers, groups, reasons, damaged };
}

/** Each field of a group: one that is left out does not compile. */
const compared: Readonly<Record<keyof GroupStatus, true>> = {
  ...{ group: true, replica: true, role: true, phase: true, serving: true, leader: true },
  ...{ epoch: true, members: true, storage: true, copied: true, round: true, log: true },
  ...{ base: true, commit: true },
};
const fields = Object.keys(compared) as readonly (keyof GroupStatus)[];

/** Lists that are one and the same hold the same; others may, and then the page is sent once more. */
function sameStatus(a: NodeStatus, b: NodeStatus): boolean {
  const about = ({ groups: _, ...node }: NodeStatus): string => JSON.stringify(node);
  if (about(a) !== about(b) || a.groups.length !== b.groups.length) return false;
  return a.groups.every((one, i) => fields.every((field) => one[field] === b.groups[i]![field]));
}

/**
 * The status as a page that is sent only where something of it has changed: of thousands of groups at
 * rest it would take more than all they do. `run` names the process.
 */
export function statusPage(
  look: () => NodeStatus,
  run: string,
): (known: string) => Page | KnownPage {
  let last: NodeStatus | undefined;
  let changes = 0;
  return (known) => {
    const status = look();
    if (last === undefined || !sameStatus(last, status)) changes += 1;
    last = status;
    const tag = `"${run} ${changes}"`;
    return known === tag ? { known } : { ...jsonPage(status), tag };
  };
}
