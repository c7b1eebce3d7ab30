/**
 * What is to be done so that every group has its members again, from what the nodes say: a failed
 * replica is replaced by a log replica, and that one by a storage replica once a node has room for
 * it. Pure: nothing is remembered from one look to the next. What must hold: one member is replaced
 * at a time, by one that has the log, and for the epoch that was looked at; so two healers that do
 * not know of each other do no harm.
 */
import type { GroupConfig, NodeEntry, RegionConfig } from './nodeConfig.ts';
import type { GroupStatus, NodeStatus } from './nodeStatus.ts';
import { nodeOf } from './replicaNames.ts';
import type { Change } from './requestCodec.ts';

/** A change to ask a node for. */
export interface Deed {
  readonly node: string;
  readonly group: number;
  readonly op: Change;
}

export interface SeenNode {
  /** Undefined: it does not answer. */
  readonly status: NodeStatus | undefined;
  /** For how long it has not answered. */
  readonly downMs: number;
}

/** A new member copies the log before it is proposed: up to so many slots, which it gets later. */
export const lagMax = 8_192;

/** Whether it can promise more: a log with damage in some groups takes the records of all. */
const writes = (status: NodeStatus | undefined): status is NodeStatus =>
  status?.mode === 'up' || status?.mode === 'quarantined';

interface Here {
  readonly node: string;
  readonly status: GroupStatus;
}

export class Healing {
  readonly #region: RegionConfig;
  readonly #seen: ReadonlyMap<string, SeenNode>;
  readonly #afterMs: number;
  readonly #replicas = new Map<number, Here[]>();
  #whole = true;

  /** Whether all groups have a leader that serves and the members they should, as far as was seen. */
  get whole(): boolean {
    return this.#whole;
  }

  constructor(region: RegionConfig, seen: ReadonlyMap<string, SeenNode>, afterMs: number) {
    this.#region = region;
    this.#seen = seen;
    this.#afterMs = afterMs;
    for (const [node, { status }] of seen) {
      for (const each of status?.groups ?? []) {
        const here = { node, status: each };
        const others = this.#replicas.get(each.group);
        if (others === undefined) this.#replicas.set(each.group, [here]);
        else others.push(here);
      }
    }
  }

  deeds(): readonly Deed[] {
    return this.#region.groups.flatMap((group) => this.#deedsOf(group));
  }

  /** Without a leader that serves nothing can be changed. */
  #deedsOf(group: GroupConfig): readonly Deed[] {
    const all = this.#replicas.get(group.number) ?? [];
    const leader = all
      .filter(({ status }) => status.serving)
      .sort((a, b) => b.status.epoch - a.status.epoch)[0];
    this.#whole &&= leader !== undefined;
    if (leader === undefined) return [];
    const { members, storage, epoch } = leader.status;
    const failed = members.find((member) => this.#isFailed(group, member));
    const out = failed ?? members.find((member) => !storage.includes(member));
    this.#whole &&= out === undefined;
    const target =
      out === undefined ? undefined : this.#target(group, leader.status, out, failed !== undefined);
    const retired = all.filter(({ node, status }) => {
      if (members.includes(status.replica)) return false;
      if (status.epoch > 0) return status.epoch <= epoch;
      // What has copied items goes on while another member fails and comes back: it is needed then.
      return node !== target?.id && (out === undefined || this.#roleOf(node) !== 'storage');
    });
    // What cannot write keeps it until it can, and is then asked to end it.
    const ending = retired.filter(({ node }) => writes(this.#seen.get(node)?.status));
    const ended = ending.map(({ node, status }): Deed => {
      const op = { kind: 'retire', replica: status.replica, epoch: status.epoch } as const;
      return { node, group: group.number, op };
    });
    if (out === undefined || target === undefined) return ended;
    const waiting = all.find(({ node }) => node === target.id)?.status;
    const next = this.#next(group, leader, out, target, waiting);
    return next === undefined ? ended : [...ended, next];
  }

  #roleOf(node: string): NodeEntry['role'] | undefined {
    return this.#region.nodes.find(({ id }) => id === node)?.role;
  }

  #isFailed(group: GroupConfig, member: string): boolean {
    const seen = this.#seen.get(nodeOf(group, member));
    if (seen === undefined) return true;
    if (seen.status === undefined) return seen.downMs >= this.#afterMs;
    // Its disk is full: it can keep no promise, and needs no time to come back from that.
    if (!writes(seen.status)) return true;
    // The node is there, and has lost it: its disk, or what it can trust of it.
    // Replicas of several groups may have one name.
    return !seen.status.groups.some((each) => {
      return each.group === group.number && each.replica === member;
    });
  }

  /** Where the replica that takes a member's place is to be: in a zone of its own, if one is left. */
  #target(
    group: GroupConfig,
    { members, storage }: GroupStatus,
    out: string,
    failed: boolean,
  ): NodeEntry | undefined {
    const kept = members.filter((member) => member !== out).map((each) => nodeOf(group, each));
    const zoneOf = (node: string): string | undefined =>
      this.#region.nodes.find(({ id }) => id === node)?.zone;
    const zones = new Set(kept.map(zoneOf));
    const free = this.#region.nodes.filter(({ id }) => {
      return writes(this.#seen.get(id)?.status) && !kept.includes(id);
    });
    // A log replica is there within seconds; but there is no leader without a storage replica.
    const first = failed && storage.includes(out) ? 'log' : 'storage';
    const rank = ({ role, zone }: NodeEntry): number =>
      (role === first ? 0 : 2) + (zones.has(zone) ? 1 : 0);
    const usable = failed ? free : free.filter(({ role }) => role === 'storage');
    return [...usable].sort((a, b) => rank(a) - rank(b))[0];
  }

  #next(
    { number }: GroupConfig,
    leader: Here,
    out: string,
    target: NodeEntry,
    waiting: GroupStatus | undefined,
  ): Deed | undefined {
    const { epoch, members, storage, commit } = leader.status;
    // What is there of an older epoch ends first.
    if (waiting !== undefined && waiting.epoch > 0) return undefined;
    if (waiting === undefined || commit - waiting.copied > lagMax) {
      const op = { kind: 'build', source: leader.node } as const;
      return { node: target.id, group: number, op };
    }
    const { replica } = waiting;
    const applying = storage.filter((member) => member !== out);
    const op = {
      kind: 'reconfigure',
      epoch,
      members: members.map((member) => (member === out ? replica : member)),
      storage: target.role === 'storage' ? [...applying, replica] : applying,
    } as const;
    return { node: leader.node, group: number, op };
  }
}
