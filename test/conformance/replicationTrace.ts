/**
 * Binds what the nodes of a region recorded to RecordedReplication.tla, for validation. The log, the
 * promises, the phases, the counts, the commit index and the waiting replies of each replica are
 * compared after each step, and what a client was told with each answer; messages, grants and
 * leases follow from the steps, as the spec has them.
 */
import { join } from 'node:path';
import { defineBinding } from '../../conformance/replay/binding.ts';
import { boundModel } from '../../conformance/project/bindingFiles.ts';
import type { BoundModel } from '../../conformance/project/bindingFiles.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import type {
  ValidateOptions,
  ValidateOutcome,
} from '../../conformance/validate/validateTraces.ts';
import { binding as replication } from './replication.ts';
import { lower } from './replicationTrace/lower.ts';
import { readSteps } from './replicationTrace/rawSteps.ts';
import type { LoweredRun } from './replicationTrace/runLowering.ts';
import { writeRun } from './replicationTrace/writeRun.ts';

const folder = join(import.meta.dirname, 'replicationTrace');
const specs = join(import.meta.dirname, '../../specs/replication');

export const binding = defineBinding({
  ...replication,
  name: 'replicationTrace',
  spec: join(folder, 'RecordedReplication.tla'),
  model: join(folder, 'RecordedReplication.cfg'),
  hidden: [
    ...['msgs', 'calls', 'lin', 'alive', 'crashes', 'missed'],
    ...['unsynced', 'votes', 'grants', 'held', 'waits'],
  ],
  optional: ['Advance'],
});

async function model(): Promise<BoundModel> {
  const path = import.meta.filename;
  const bound = await boundModel(binding, { path, from: folder });
  const { files } = bound;
  return { ...bound, files: { ...files, libraryPaths: [specs, ...files.libraryPaths] } };
}

/** The recordings of a group's nodes as one trace of the spec, in a file. */
export async function lowerInto(
  file: string,
  recordings: readonly string[],
  group: number,
): Promise<LoweredRun> {
  const run = lower(await readSteps(recordings, group));
  writeRun(file, run);
  return run;
}

export async function validateRun(file: string, o: ValidateOptions = {}): Promise<ValidateOutcome> {
  return validateTraces(await model(), [file], o);
}
