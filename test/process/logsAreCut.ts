/** Writes to a recorded region until its members have dropped slots of their logs. */
import { fetchPage } from '../../src/services/control.ts';
import type { NodeStatus } from '../../src/services/nodeStatus.ts';
import type { RecordedRegion } from './recordedRegion.ts';

/** More in all than a log keeps in memory of what is needed no more. */
const valueBytes = 256 << 10;
const values = 5;
const withinMs = 60_000;
const pollMs = 50;
/** One that is stopped does not answer. */
const timeoutMs = 500;

/** How many slots each member that answers has dropped. */
async function bases({ region }: RecordedRegion): Promise<number[]> {
  const { nodes } = region.dev.region;
  const pages = await Promise.all(
    nodes.map(({ http }) => fetchPage(http, '/status', { timeoutMs }).catch(() => undefined)),
  );
  const groups = (pages as (NodeStatus | undefined)[]).flatMap((page) => page?.groups ?? []);
  return groups.filter(({ epoch }) => epoch > 0).map(({ base }) => base);
}

export async function logsAreCut(recorded: RecordedRegion, members = 3): Promise<void> {
  const { region, calls } = recorded;
  const before = Math.max(0, ...(await bases(recorded)));
  for (let i = 0; i < values; i += 1) {
    await calls.put(region.client, 'a', calls.next().padEnd(valueBytes, 'x'));
  }
  const endAt = performance.now() + withinMs;
  for (;;) {
    const found = await bases(recorded);
    if (found.filter((base) => base > before).length >= members) return;
    if (performance.now() > endAt) throw new Error(`logs are not cut: ${found.join(', ')}`);
    await new Promise((done) => setTimeout(done, pollMs));
  }
}
