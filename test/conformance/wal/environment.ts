/** What befalls a log, as actions of specs/wal/Wal.tla: the loss of power, and damage. */
import { init } from '../../../src/protocol/wal.ts';
import type { DiskRecord, World } from './disk.ts';
import { lastOf } from './disk.ts';

/** Every subset of a list. */
function subsets(list: readonly number[]): number[][] {
  const [head, ...rest] = list;
  if (head === undefined) return [[]];
  return subsets(rest).flatMap((subset) => [subset, [head, ...subset]]);
}

/** All that a crash may leave of the file: of what is not synced, any part, damaged or not. */
function remains({ file, start, synced }: World): DiskRecord[][] {
  const found: DiskRecord[][] = [];
  for (let kept = synced; kept < start + file.length; kept += 1) {
    const unsynced = Array.from({ length: kept - synced }, (_, i) => synced + 1 + i);
    for (const bad of subsets(unsynced)) {
      const left = file
        .slice(0, kept - start + 1)
        .map((record, i) => (bad.includes(start + i) ? { ...record, body: 'wrong' } : record));
      found.push(left);
      const last = file[kept - start];
      if (kept > synced && last !== undefined && !bad.includes(kept)) {
        found.push([...left.slice(0, -1), { ...last, whole: false }]);
      }
    }
  }
  return found;
}

export function crash(world: World): World[] | undefined {
  if (world.log.mode === 'down' || world.crashes >= world.bounds.crashMax) return undefined;
  const log = init(world.log);
  return remains(world).map((file) => ({ ...world, log, file, crashes: world.crashes + 1 }));
}

const mayFlip = ({ flips, bounds }: World): boolean => flips < bounds.flipMax;

export function flipMemory(world: World): World | undefined {
  const [entry, ...rest] = world.log.pending;
  if (!mayFlip(world) || entry?.body !== 'right') return undefined;
  const log = { ...world.log, pending: [{ ...entry, body: 'wrong' }, ...rest] };
  return { ...world, log, flips: world.flips + 1 };
}

export function flipDisk(world: World, position: number): World | undefined {
  const record = world.file[position - world.start];
  if (!mayFlip(world) || position > world.synced || position > lastOf(world)) return undefined;
  if (record?.body !== 'right') return undefined;
  const file = world.file.with(position - world.start, { ...record, body: 'wrong' });
  return { ...world, file, flips: world.flips + 1 };
}

export function flipArchive(world: World, segment: number): World | undefined {
  const { archive, listed, flips } = world;
  if (!mayFlip(world) || archive[segment] !== 'right' || listed.includes(segment)) return undefined;
  return { ...world, archive: { ...archive, [segment]: 'wrong' }, flips: flips + 1 };
}
