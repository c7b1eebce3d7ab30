/**
 * Holds what the nodes of a region recorded of one group to a spec, through a binding: the recordings
 * become one trace in the spec's own values, and that is validated.
 */
import { boundModel } from '../../conformance/project/bindingFiles.ts';
import { validateTraces } from '../../conformance/validate/validateTraces.ts';
import type {
  ValidateOptions,
  ValidateOutcome,
} from '../../conformance/validate/validateTraces.ts';
import { readSteps } from './replicationTrace/rawSteps.ts';
import type { LoweredRun } from './replicationTrace/runLowering.ts';
import { writeRun } from './replicationTrace/writeRun.ts';

export interface RecordedTraceOptions {
  readonly binding: Parameters<typeof boundModel>[0];
  /** The binding's own file, and the folder of its recorded spec. */
  readonly path: string;
  readonly folder: string;
  /** Where the spec that the recorded one extends lies. */
  readonly specs: string;
  readonly lower: (steps: Awaited<ReturnType<typeof readSteps>>) => LoweredRun;
}

export interface RecordedTrace {
  /** The recordings of a group's nodes as one trace of the spec, in a file. */
  lowerInto(file: string, recordings: readonly string[], group: number): Promise<LoweredRun>;
  validateRun(file: string, o?: ValidateOptions): Promise<ValidateOutcome>;
}

export function recordedTrace(o: RecordedTraceOptions): RecordedTrace {
  const { binding, path, folder, specs, lower } = o;
  return {
    async lowerInto(file, recordings, group) {
      const run = lower(await readSteps(recordings, group));
      writeRun(file, run);
      return run;
    },
    async validateRun(file, options = {}) {
      const bound = await boundModel(binding, { path, from: folder });
      const { files } = bound;
      const libraryPaths = [specs, ...files.libraryPaths];
      return validateTraces({ ...bound, files: { ...files, libraryPaths } }, [file], options);
    },
  };
}
