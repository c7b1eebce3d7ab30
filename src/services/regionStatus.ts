/** How a region stands, from what its nodes say, and how it is shown to a person. */
import type { LogMode } from '../storage/log.ts';
import type { GroupConfig, Member, RegionConfig } from './nodeConfig.ts';
import type { GroupStatus, NodeStatus } from './nodeStatus.ts';
import { nodeOf } from './replicaNames.ts';

export interface RegionStatus {
  readonly region: string;
  readonly nodes: readonly {
    readonly node: string;
    readonly zone: string;
    readonly up: boolean;
    /** Of its log: `readOnly` where its disk is full; `down` where it does not answer. */
    readonly mode: LogMode;
    readonly replicas: number;
    readonly leads: number;
    /** What is not well with it, as it says. */
    readonly reasons: readonly string[];
  }[];
  readonly groups: readonly {
    readonly group: number;
    /** The node whose replica leads and serves, or ''. */
    readonly leader: string;
    readonly commit: number;
    readonly members: readonly {
      readonly node: string;
      readonly replica: string;
      readonly role: 'storage' | 'log';
      /** `damaged`: its node is up, and what it kept of the group is not to be trusted. */
      readonly phase: GroupStatus['phase'] | 'down' | 'damaged';
      /** It takes nothing: its disk is full. */
      readonly readOnly: boolean;
      /** Slots that the most advanced member knows to be chosen and this one does not. */
      readonly lag: number;
    }[];
    /** Replicas that copy the group, to become members. */
    readonly copying: readonly {
      readonly node: string;
      readonly replica: string;
      /** The slots it has. */
      readonly copied: number;
    }[];
  }[];
}

export function regionStatus(
  region: RegionConfig,
  seen: readonly (NodeStatus | undefined)[],
): RegionStatus {
  const at = (node: string): NodeStatus | undefined => seen.find((each) => each?.node === node);
  const nodes = region.nodes.map(({ id, zone }) => {
    const { groups = [], mode = 'down', reasons = [] } = at(id) ?? {};
    const leads = groups.filter(({ phase }) => phase === 'leader').length;
    const up = at(id) !== undefined;
    return { node: id, zone, up, mode, replicas: groups.length, leads, reasons };
  });
  const groups = region.groups.map((config) => {
    const { number } = config;
    const all = seen.flatMap((each) => each?.groups.filter(({ group }) => group === number) ?? []);
    const members = membersOf(config, all);
    const known = members.map(({ replica }) => all.find((each) => each.replica === replica));
    const commit = Math.max(0, ...known.map((each) => each?.commit ?? 0));
    const leader = members.find((_, i) => known[i]?.serving === true)?.node ?? '';
    const lost = (node: string): 'down' | 'damaged' =>
      at(node)?.damaged?.includes(number) === true ? 'damaged' : 'down';
    const copying = seen.flatMap((each) => {
      const waiting = each?.groups.find(({ group, epoch }) => group === number && epoch === 0);
      if (each === undefined || waiting === undefined) return [];
      return [{ node: each.node, replica: waiting.replica, copied: waiting.copied }];
    });
    return {
      group: number,
      leader,
      commit,
      members: members.map(({ node, replica, role }, i) => ({
        node,
        replica,
        role,
        phase: known[i]?.phase ?? lost(node),
        readOnly: known[i] !== undefined && at(node)?.mode === 'readOnly',
        lag: commit - (known[i]?.commit ?? 0),
      })),
      copying,
    };
  });
  return { region: region.region, nodes, groups };
}

/** The members of the newest epoch that anybody tells of. */
function membersOf(config: GroupConfig, all: readonly GroupStatus[]): readonly Member[] {
  const newest = [...all].sort((a, b) => b.epoch - a.epoch)[0];
  if (newest === undefined || newest.epoch === 0) return config.members;
  return newest.members.map((replica) => ({
    replica,
    node: nodeOf(config, replica),
    role: newest.storage.includes(replica) ? 'storage' : 'log',
  }));
}

const shownMax = 20;
const stateText = { up: 'up', quarantined: 'damaged', readOnly: 'readOnly', down: 'stopped' };

export function statusText({ region, nodes, groups }: RegionStatus): string {
  const lines = [`region ${region}`, ''];
  lines.push(row(['node', 'zone', 'state', 'replicas', 'leads']));
  for (const { node, zone, up, mode, replicas, leads } of nodes) {
    lines.push(row([node, zone, up ? stateText[mode] : 'down', String(replicas), String(leads)]));
  }
  const unwell = nodes.flatMap(({ node, reasons }) => reasons.map((why) => `  ${node}: ${why}`));
  if (unwell.length > 0) lines.push('', ...unwell);
  lines.push('', row(['group', 'leader', 'commit', 'members']));
  // Those that somebody must look at come first.
  const order = [...groups].sort((a, b) => Number(a.leader !== '') - Number(b.leader !== ''));
  for (const { group, leader, commit, members, copying } of order.slice(0, shownMax)) {
    const shown = members.map(({ node, role, phase, readOnly, lag }) => {
      const behind = phase !== 'down' && phase !== 'damaged' && lag > 0 ? ` ${lag} behind` : '';
      const full = readOnly ? ' read-only' : '';
      return `${node} ${role === 'log' ? 'log ' : ''}${phase}${full}${behind}`;
    });
    const copies = copying.map(({ node, copied }) => `${node} copies, ${copied} so far`);
    const all = [...shown, ...copies].join(', ');
    lines.push(row([String(group), leader || 'none', String(commit), all]));
  }
  if (order.length > shownMax) lines.push(`  … and ${order.length - shownMax} groups more`);
  return `${lines.join('\n')}\n`;
}

const width = 10;
const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, i) => (i < cells.length - 1 ? cell.padEnd(width) : cell)).join('')}`;
