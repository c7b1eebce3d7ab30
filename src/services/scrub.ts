/**
 * `triad scrub`: all groups of a region, a few at once. What must hold: what it makes on this
 * machine is removed, however it ends.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Archive } from '../storage/archive.ts';
import type { ArchivedEntry } from '../storage/archiveSegment.ts';
import { diskEngine } from '../storage/itemEngine.ts';
import type { Engine, ItemWrite } from '../storage/itemStore.ts';
import { rebuiltChecksum } from '../storage/rebuild.ts';
import { ByteReader } from '../world/bytes.ts';
import { realClock } from '../world/clock.ts';
import { realDisk } from '../world/disk.ts';
import { realWire } from '../world/wire.ts';
import { archivedCommand } from './archiver.ts';
import { archiveStore } from './archiveStore.ts';
import { readCommand } from './commandCodec.ts';
import { NodeLink } from './nodeLink.ts';
import type { RegionConfig } from './nodeConfig.ts';
import { GroupScrubber } from './scrubGroup.ts';
import type { GroupScrub } from './scrubGroup.ts';

export interface ScrubOptions {
  readonly region: RegionConfig;
  /** Of these groups alone. */
  readonly groups?: readonly number[];
  readonly signal: AbortSignal;
  readonly progress?: (done: number, all: number) => void;
}

export interface ScrubReport {
  readonly region: string;
  readonly groups: readonly GroupScrub[];
}

const groupsMax = 4;

/** What an archived command does to the items: of its own, beside what replicas do (items.ts). */
export function writesOf({ kind, body, slot }: ArchivedEntry): readonly ItemWrite[] {
  if (kind !== archivedCommand) {
    throw new Error(`slot ${slot} is of kind ${kind}, which this version does not know`);
  }
  const command = readCommand(new ByteReader(body));
  if (command.kind !== 'write') return [];
  const { key, value } = command;
  return [{ key: Buffer.from(key), value: value === null ? undefined : Buffer.from(value) }];
}

export async function scrub(o: ScrubOptions): Promise<ScrubReport> {
  const { region, signal } = o;
  const chosen = region.groups
    .map(({ number }) => number)
    .filter((number) => o.groups?.includes(number) !== false);
  const links = region.nodes.map(({ id, address }) => {
    const to = { id, address, region: region.region, wire: realWire, clock: realClock };
    return new NodeLink({ ...to, role: 'control' });
  });
  const closeLinks = (): void => links.forEach((link) => link.close());
  signal.addEventListener('abort', closeLinks, { once: true });
  const store = region.archive && (await archiveStore(region.archive));
  const archive = store && new Archive(store);
  const folder = await mkdtemp(join(tmpdir(), 'triad-scrub-'));
  let engine: Engine | undefined;
  try {
    const open = (engine = await diskEngine(await realDisk(folder), join(folder, 'items')));
    const rebuiltAt = (group: number, upTo: number) =>
      rebuiltChecksum(archive!, open, { group, upTo, writesOf, signal });
    const of = { links, clock: realClock, signal, archive, rebuiltAt };
    const groups = await eachOf(chosen, o, (group) => new GroupScrubber({ ...of, group }).run());
    return { region: region.region, groups };
  } finally {
    signal.removeEventListener('abort', closeLinks);
    closeLinks();
    await engine?.close();
    store?.close?.();
    await rm(folder, { recursive: true, force: true });
  }
}

/** In order, a few at once; the first that fails ends all. */
async function eachOf(
  groups: readonly number[],
  { progress, signal }: ScrubOptions,
  work: (group: number) => Promise<GroupScrub>,
): Promise<readonly GroupScrub[]> {
  const results = new Map<number, GroupScrub>();
  const left = [...groups];
  const run = async (): Promise<void> => {
    for (let group = left.shift(); group !== undefined; group = left.shift()) {
      signal.throwIfAborted();
      results.set(group, await work(group));
      progress?.(results.size, groups.length);
    }
  };
  const runs = Array.from({ length: groupsMax }, () => run());
  try {
    await Promise.all(runs);
  } finally {
    left.length = 0;
    await Promise.allSettled(runs);
  }
  return groups.flatMap((group) => results.get(group) ?? []);
}
