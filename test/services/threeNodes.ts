/** The config of a region of three storage nodes, a zone each; every group has a replica on all. */
import type { RegionConfig } from '../../src/services/nodeConfig.ts';

export const ids = ['n1', 'n2', 'n3'];
const host = '127.0.0.1';
const role = 'storage';

type Given = Pick<RegionConfig, 'leaseMs' | 'driftMs'> & Partial<RegionConfig>;

export function threeNodes(given: Given, groups = 1): RegionConfig {
  return {
    region: 'local',
    control: { host, port: 9 },
    nodes: ids.map((id, i) => {
      return { id, zone: id, role, address: { host, port: 1 + i }, http: { host, port: 11 + i } };
    }),
    groups: Array.from({ length: groups }, (_, i) => ({
      number: i + 1,
      members: ids.map((node) => ({ replica: `${node}-1`, node, role })),
    })),
    inMemory: true,
    ...given,
  };
}
