/** A lowered run as a recording of one process, with the constants that it ran with. */
import { createRecorder } from '../../../conformance/recorder.ts';
import type { LoweredRun } from './runLowering.ts';

export function writeRun(file: string, { constants, steps }: LoweredRun): void {
  const recorder = createRecorder({ file, process: 'region', constants });
  for (const { action, args, changed, partial = false } of steps) {
    recorder.record(action, args, changed, { partial });
  }
  recorder.close();
  if (recorder.error !== undefined) throw recorder.error;
}
