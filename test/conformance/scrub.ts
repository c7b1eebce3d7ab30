/**
 * Binding of src/protocol/scrub.ts to specs/scrub/Scrub.tla: one scrubber, and a record per replica
 * whose copy and log are the world's (scrub/group.ts). The view is total.
 */
import { defineBinding } from '../../conformance/replay/binding.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import { apply, compare, init, mark, rebuild, report } from '../../src/protocol/scrub.ts';
import type { CopyReport, Replica, Scrubber, Step } from '../../src/protocol/scrub.ts';
import { archive, choose, flipCopy } from './scrub/environment.ts';
import { copyOf, replicaOf } from './scrub/group.ts';
import type { Bounds, World } from './scrub/group.ts';

type Constants = Readonly<Record<string, TlaValue>>;
type OfReplica = { readonly r: string };

const noMark = -1;
const noReport: CopyReport = { at: noMark, copy: 'none' };

function boundsOf(constants: Constants): Bounds {
  return {
    replicas: [...(constants.Replicas as ReadonlySet<string>)].sort(),
    positionMax: constants.PositionMax as number,
    flipMax: constants.FlipMax as number,
    buggy: [...(constants.BuggyPositions as ReadonlySet<number>)],
  };
}

function perReplica<T>(bounds: Bounds, of: (r: string) => T): Record<string, T> {
  return Object.fromEntries(bounds.replicas.map((r) => [r, of(r)]));
}

/** Replica r took a step; the scrubber hears its report. */
function replicaTook(world: World, r: string, step: Step<Replica> | undefined): World | undefined {
  if (step === undefined) return undefined;
  const replicas = { ...world.replicas, [r]: step.state };
  const sent = step.outputs.flatMap((output) => (output.kind === 'send' ? [output.report] : []));
  const [heard] = sent;
  if (heard === undefined) return { ...world, replicas };
  const reports = { ...world.scrubber.reports, [r]: heard };
  return { ...world, replicas, scrubber: { ...world.scrubber, reports } };
}

/** The scrubber took a step; every replica learns of a marker. */
function scrubberTook(world: World, step: Step<Scrubber> | undefined): World | undefined {
  if (step === undefined) return undefined;
  const marked = step.outputs.find((output) => output.kind === 'mark');
  const replicas = marked
    ? perReplica(world.bounds, (r) => ({ ...replicaOf(world, r), marker: marked.at }))
    : world.replicas;
  return { ...world, replicas, scrubber: step.state };
}

interface ModelState {
  readonly length: number;
  readonly archived: number;
  readonly applied: Readonly<Record<string, number>>;
  readonly flipped: Readonly<Record<string, boolean>>;
  readonly marker: number;
  readonly reports: Readonly<Record<string, CopyReport>>;
  readonly reference: CopyReport;
  readonly alarm: ReadonlySet<string>;
  readonly flips: number;
}

function decode(values: Readonly<Record<string, TlaValue>>, constants: Constants): World {
  const model = values as unknown as ModelState;
  const { length, archived, flipped, flips } = model;
  const bounds = boundsOf(constants);
  const marker = model.marker === noMark ? undefined : model.marker;
  const given = Object.entries(model.reports).filter(([, { at }]) => at !== noMark);
  const reported = Object.fromEntries(given);
  const scrubber: Scrubber = {
    role: 'scrubber',
    marker,
    reports: reported,
    reference: model.reference.at === noMark ? undefined : model.reference,
    alarm: [...model.alarm].sort(),
  };
  const replicas = perReplica(bounds, (r): Replica => {
    const owed = reported[r] === undefined ? marker : undefined;
    return { role: 'replica', applied: model.applied[r] ?? 0, marker: owed };
  });
  return { bounds, length, archived, replicas, flipped, scrubber, flips };
}

function view(world: World): Record<string, TlaValue> {
  const { bounds, length, archived, flipped, flips, scrubber } = world;
  return {
    length,
    archived,
    applied: perReplica(bounds, (r) => replicaOf(world, r).applied),
    flipped: { ...flipped },
    marker: scrubber.marker ?? noMark,
    reports: perReplica(bounds, (r) => ({ ...(scrubber.reports[r] ?? noReport) })),
    reference: { ...(scrubber.reference ?? noReport) },
    alarm: new Set(scrubber.alarm),
    flips,
  };
}

export const scrub = defineBinding<World>({
  name: 'scrub',
  spec: 'specs/scrub/Scrub.tla',
  init: (constants) => {
    const bounds = boundsOf(constants);
    return {
      bounds,
      length: 0,
      archived: 0,
      replicas: perReplica(bounds, () => init('replica')),
      flipped: perReplica(bounds, () => false),
      scrubber: init('scrubber'),
      flips: 0,
    };
  },
  decode,
  view,
  actions: {
    Choose: choose,
    Archive: archive,
    Apply: (world, { r }: OfReplica) =>
      replicaTook(world, r, apply(replicaOf(world, r), { length: world.length })),
    Mark: (world) => scrubberTook(world, mark(world.scrubber, { length: world.length })),
    Report: (world, { r }: OfReplica) =>
      replicaTook(world, r, report(replicaOf(world, r), { copy: copyOf(world, r) })),
    Rebuild: (world) => {
      const given = { archived: world.archived, copy: 'right' };
      return scrubberTook(world, rebuild(world.scrubber, given));
    },
    Compare: (world) =>
      scrubberTook(world, compare(world.scrubber, { replicas: world.bounds.replicas })),
    FlipCopy: (world, { r }: OfReplica) => flipCopy(world, r),
  },
});
