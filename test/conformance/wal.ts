/**
 * Binding of src/protocol/wal.ts to specs/wal/Wal.tla: the code's log on a disk with a page cache
 * (wal/disk.ts) that crashes and is damaged (wal/environment.ts). The view is total.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import {
  acknowledge,
  init,
  list,
  recover,
  refuse,
  repair,
  submit,
  sync,
  takeSnapshot,
  truncate,
  upload,
  write,
} from '../../src/protocol/wal.ts';
import type { State, Step } from '../../src/protocol/wal.ts';
import { lastOf, perform, rangeOf, readBack } from './wal/disk.ts';
import type { Bounds, DiskRecord, Flag, World } from './wal/disk.ts';
import { crash, flipArchive, flipDisk, flipMemory } from './wal/environment.ts';

type Constants = Readonly<Record<string, TlaValue>>;

function boundsOf(constants: Constants): Bounds {
  const number = (name: string): number => constants[name] as number;
  return {
    positionMax: number('PositionMax'),
    segmentSize: number('SegmentSize'),
    pendingMax: number('PendingMax'),
    crashMax: number('CrashMax'),
    flipMax: number('FlipMax'),
  };
}

const segmentsOf = ({ positionMax, segmentSize }: Bounds): number[] =>
  Array.from({ length: Math.floor(positionMax / segmentSize) }, (_, i) => i + 1);

const good = { body: 'right', sum: 'right' } as const;

/** The log took a step; disk and archive do what it put out. */
function took(world: World, step: Step | undefined): World | undefined {
  if (step === undefined) return undefined;
  return step.outputs.reduce(perform, { ...world, log: step.state });
}

/** The checksum of the first waiting entry, computed now. */
const sumNow = ({ log }: World): unknown => log.pending[0]?.body;

interface ModelState {
  readonly mode: State['mode'];
  readonly reason: State['reason'];
  readonly pending: State['pending'];
  readonly first: number;
  readonly file: readonly DiskRecord[];
  readonly known: number;
  readonly durable: number;
  readonly synced: number;
  readonly acked: number;
  readonly snapshot: number;
  readonly archive: readonly ('none' | Flag)[];
  readonly manifest: ReadonlySet<number>;
  readonly crashes: number;
  readonly flips: number;
}

function decode(values: Readonly<Record<string, TlaValue>>, constants: Constants): World {
  const model = values as unknown as ModelState;
  const { mode, reason, pending, first, known, durable, snapshot, manifest } = model;
  const { file, synced, acked, archive, crashes, flips } = model;
  const listed = [...manifest].sort((a, b) => a - b);
  const bounds = boundsOf(constants);
  const through = listed.length === 0 ? 0 : rangeOf(bounds, listed.length).to;
  const log = { mode, reason, pending, first, known, durable, snapshot, manifest: through };
  const uploaded = Object.fromEntries(archive.map((flag, i) => [i + 1, flag]));
  return {
    bounds,
    log,
    file,
    start: first,
    synced,
    acked,
    archive: uploaded,
    listed,
    crashes,
    flips,
  };
}

function view({ bounds, log, file, synced, acked, archive, listed, crashes, flips }: World) {
  const { mode, reason, pending, first, known, durable, snapshot } = log;
  return {
    mode,
    reason,
    pending,
    first,
    file,
    known,
    durable,
    synced,
    acked,
    snapshot,
    archive: segmentsOf(bounds).map((segment) => archive[segment] ?? 'none'),
    manifest: new Set(listed),
    crashes,
    flips,
  } as unknown as Record<string, TlaValue>;
}

export const wal = defineBinding<World>({
  name: 'wal',
  spec: 'specs/wal/Wal.tla',
  init: (constants) => {
    const bounds = boundsOf(constants);
    const archive = Object.fromEntries(segmentsOf(bounds).map((s) => [s, 'none'] as const));
    const still = { synced: 0, acked: 0, crashes: 0, flips: 0 };
    return { bounds, log: init(), file: [], start: 1, archive, listed: [], ...still };
  },
  decode,
  view,
  actions: {
    Submit: (world) => took(world, submit(world.log, { entry: good }, world.bounds)),
    Write: (world) => took(world, write(world.log, { sum: sumNow(world) })),
    Refuse: (world) => took(world, refuse(world.log, { sum: sumNow(world) })),
    Sync: (world) => {
      const upTo = lastOf(world);
      const next = took(world, sync(world.log, { upTo }));
      return next && { ...next, synced: upTo };
    },
    Acknowledge: (world) => took(world, acknowledge(world.log, { acked: world.acked })),
    Crash: crash,
    Recover: (world) => took(world, recover(world.log, { records: readBack(world) })),
    Repair: (world) => {
      const given = { records: readBack(world), acked: world.acked, entry: () => good };
      return took(world, repair(world.log, given));
    },
    TakeSnapshot: (world) => took(world, takeSnapshot(world.log, { acked: world.acked })),
    Upload: (world, { s }: { s: number }) => {
      if (world.archive[s] === 'right') return undefined;
      const range = rangeOf(world.bounds, s);
      const given = { range, acked: world.acked, records: readBack(world) };
      return took(world, upload(world.log, given));
    },
    List: (world, { s }: { s: number }) => {
      const intact = world.archive[s] === 'right';
      return took(world, list(world.log, { range: rangeOf(world.bounds, s), intact }));
    },
    Truncate: (world, { s }: { s: number }) =>
      took(world, truncate(world.log, { range: rangeOf(world.bounds, s) })),
    FlipMemory: flipMemory,
    FlipDisk: (world, { p }: { p: number }) => flipDisk(world, p),
    FlipArchive: (world, { s }: { s: number }) => flipArchive(world, s),
  },
});
