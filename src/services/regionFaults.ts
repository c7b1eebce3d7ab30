/**
 * What in a config that has the right form can be no region: names given twice, members that have no
 * place. What must hold: every config that passes can be started.
 */
import type { GroupConfig, RegionConfig } from './nodeConfig.ts';

/** Of one config so many are told. */
const toldMax = 10;

const repeated = (all: readonly string[]): string[] => {
  const seen = new Set<string>();
  const again = all.filter((each) => seen.size === seen.add(each).size);
  return [...new Set(again)];
};

function groupFaults(
  { number, members }: GroupConfig,
  roles: ReadonlyMap<string, 'storage' | 'log'>,
): string[] {
  const wrong = [
    ...repeated(members.map(({ node }) => node)).map((on) => `two members on ${on}`),
    ...repeated(members.map(({ replica }) => replica)).map((id) => `two replicas called ${id}`),
  ];
  for (const { node, role } of members) {
    const held = roles.get(node);
    if (held === undefined) wrong.push(`a member on ${node}, which is no node here`);
    if (held === 'log' && role === 'storage') {
      wrong.push(`a storage replica on ${node}, which holds log replicas alone`);
    }
  }
  if (members.every(({ role }) => role === 'log'))
    wrong.push('no storage replica, and cannot lead');
  return wrong.map((fault) => `group ${number} has ${fault}`);
}

/** In words, for whoever wrote the config. */
export function regionFaults(region: Pick<RegionConfig, 'control' | 'nodes' | 'groups'>): string[] {
  const { control, nodes, groups } = region;
  const doors = [control, ...nodes.flatMap(({ address, http }) => [address, http])];
  const wrong = [
    ...repeated(nodes.map(({ id }) => id)).map((id) => `two nodes are called ${id}`),
    ...repeated(doors.map(({ host, port }) => `${host}:${port}`)).map((at) => `${at} stands twice`),
  ];
  const numbers = groups.map(({ number }) => number).sort((a, b) => a - b);
  // A client finds the group of a key by the number of groups alone.
  if (numbers.some((number, i) => number !== i + 1)) {
    wrong.push(`groups must be numbered from 1 to ${numbers.length}, each number once`);
  }
  const roles = new Map(nodes.map(({ id, role }) => [id, role]));
  return [...wrong, ...groups.flatMap((group) => groupFaults(group, roles))].slice(0, toldMax);
}
