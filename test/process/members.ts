/** Waits for the members of a group of a region, as its control plane shows them. */
import { fetchPage } from '../../src/services/control.ts';
import type { RegionStatus } from '../../src/services/regionStatus.ts';
import type { ProcessRegion } from './processRegion.ts';

export type Members = RegionStatus['groups'][number]['members'];

const withinMs = 60_000;
const pollMs = 25;

const shown = (members: Members): string =>
  members.map(({ replica, role, phase }) => `${replica} ${role} ${phase}`).join(', ');

export const on = (members: Members, node: string): Members[number] | undefined =>
  members.find((member) => member.node === node);
export const allUp = (members: Members): boolean =>
  members.every(({ phase }) => phase !== 'down' && phase !== 'damaged');
export const allStorage = (members: Members): boolean =>
  members.every(({ role }) => role === 'storage');

/** Waits until the members are as they should be, and tells how long it took. */
export async function membersAre(
  region: ProcessRegion,
  right: (members: Members) => boolean,
  group = 1,
): Promise<number> {
  const beganMs = performance.now();
  let members: Members = [];
  while (performance.now() - beganMs < withinMs) {
    const page = await fetchPage(region.dev.region.control, '/status').catch(() => undefined);
    members = (page as RegionStatus | undefined)?.groups[group - 1]?.members ?? [];
    if (members.length > 0 && right(members)) return performance.now() - beganMs;
    await new Promise((done) => setTimeout(done, pollMs));
  }
  throw new Error(`the members are ${shown(members)}`);
}
