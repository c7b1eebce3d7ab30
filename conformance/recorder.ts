/**
 * The package entry `bisim/recorder`: what a program needs to record its steps. It imports nothing
 * but Node's file system, so that production code may carry it.
 */
export { change, Change } from './recording/change.ts';
export { createRecorder } from './recording/recorder.ts';
export type {
  Clock,
  RecordedChanges,
  RecordedValues,
  Recorder,
  RecorderOptions,
  RecordOptions,
} from './recording/recorder.ts';
export { NotRecordableError } from './recording/encodeValue.ts';
export { modelValue } from './value/value.ts';
export type { TlaValue } from './value/value.ts';
