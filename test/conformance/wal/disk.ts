/**
 * The world of one write-ahead log: its disk as the page cache shows it, what of that is synced, the
 * archive, and what was acknowledged. Checksums are flags: one is right for a body if both are the
 * same. What must hold: the disk changes only by the code's outputs, a crash, or damage.
 */
import type {
  Limits,
  LogRecord,
  Output,
  Range,
  ReadRecord,
  State,
} from '../../../src/protocol/wal.ts';

export type Flag = 'right' | 'wrong';

export interface DiskRecord {
  readonly body: string;
  readonly sum: string;
  readonly through: number;
  readonly whole: boolean;
}
export interface Bounds extends Limits {
  readonly segmentSize: number;
  readonly crashMax: number;
  readonly flipMax: number;
}
export interface World {
  readonly bounds: Bounds;
  readonly log: State;
  readonly file: readonly DiskRecord[];
  /** Of the file's first record: kept apart, as a file has a name. */
  readonly start: number;
  readonly synced: number;
  readonly acked: number;
  readonly archive: Readonly<Record<number, 'none' | Flag>>;
  /** What the archive's manifest lists. */
  readonly listed: readonly number[];
  readonly crashes: number;
  readonly flips: number;
}

export const lastOf = ({ start, file }: World): number => start + file.length - 1;

/** The file as the code reads it: every record with the verdict of its checksum. */
export function readBack({ start, file }: World): ReadRecord[] {
  return file.map(({ body, sum, through, whole }, index) => {
    const valid = whole && body === sum;
    return { position: start + index, body, sum, through, valid, whole };
  });
}

const written = ({ body, sum, through }: LogRecord): DiskRecord => ({
  body: body as string,
  sum: sum as string,
  through,
  whole: true,
});

/** The positions of a segment. */
export const rangeOf = ({ segmentSize }: Bounds, segment: number): Range => ({
  from: (segment - 1) * segmentSize + 1,
  to: segment * segmentSize,
});

const segmentOf = ({ segmentSize }: Bounds, { to }: Range): number => to / segmentSize;

/** Performs one output on disk and archive. */
export function perform(world: World, output: Output): World {
  switch (output.kind) {
    case 'persist':
      return { ...world, file: [...world.file, written(output.record)] };
    case 'reply':
      return { ...world, acked: output.upTo };
    case 'rewrite': {
      const kept = world.file.slice(0, output.last - world.start + 1);
      const file = [...kept, ...output.records.map(written)];
      return { ...world, file, synced: world.start + file.length - 1 };
    }
    case 'upload': {
      const intact = output.records.every(({ body }) => body === 'right');
      const segment = segmentOf(world.bounds, output.range);
      return { ...world, archive: { ...world.archive, [segment]: intact ? 'right' : 'wrong' } };
    }
    case 'list':
      return { ...world, listed: [...world.listed, segmentOf(world.bounds, output.range)] };
    case 'drop':
      return {
        ...world,
        start: output.upTo + 1,
        file: world.file.slice(output.upTo - world.start + 1),
      };
    case 'stop':
    case 'snapshot':
      return world;
  }
}
