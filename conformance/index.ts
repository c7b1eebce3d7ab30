/** The package entry: configs, bindings, and the parts of the main job as functions. */
export { defineConfig } from './config.ts';
export type { Config, ConfigInput } from './config.ts';
export { verify } from './verify/verify.ts';
export type { VerifyOptions, VerifyResult } from './verify/verify.ts';
export { verifyReportSchema } from './report/verifyReport.ts';
export type { ModelReport, MutantReport, VerifyReport } from './report/verifyReport.ts';
export { defineBinding } from './replay/binding.ts';
export type { Binding, BoundAction, BoundChoices, Constants } from './replay/binding.ts';
export { defineRunningBinding } from './replay/runningBinding.ts';
export type { RunningBinding } from './replay/runningBinding.ts';
export { replayGraph } from './replay/driver.ts';
export type { Failure, ReplayOptions, ReplayResult } from './replay/driver.ts';
export { BehaviourRunner, runBehaviour, traceOf } from './replay/behaviours.ts';
export { stateGraph, simulate } from './spec/graphOf.ts';
export { readSpec } from './spec/declarations.ts';
export { findJava } from './tlc/java.ts';
export { getJar } from './tlc/jar.ts';
export { runTlc } from './tlc/run.ts';
export type { TlcOptions } from './tlc/run.ts';
export type { TlcResult } from './tlc/result.ts';
export { edgeTours, shortestPath } from './behaviour/tour.ts';
export type { EdgeLabel, StateGraph } from './behaviour/graph.ts';
export { readItf, writeItf } from './behaviour/itf.ts';
export { readNdjsonTrace, readNdjsonTraces, writeNdjsonTrace } from './behaviour/ndjsonTrace.ts';
export type { Trace } from './behaviour/simulation.ts';
export type { NamedStep, NamedTrace, ReadTraceOptions, TraceFacts } from './behaviour/traceFile.ts';
export { decodeGraph, encodeGraph } from './behaviour/recording.ts';
export { ValueTable } from './value/table.ts';
export { isModelValue, memo, modelValue } from './value/value.ts';
export type { ModelValue, TlaValue } from './value/value.ts';
export { typesOf } from './types/typesOf.ts';
export { staleTypes } from './types/staleTypes.ts';
export type { StaleTypes } from './types/staleTypes.ts';
export type {
  Bound,
  Schemas,
  TypedBinding,
  TypedRunningBinding,
  TypedSpec,
} from './types/typedBinding.ts';
export { typesReportSchema } from './report/typesReport.ts';
export { mutateBinding } from './mutating/mutateBinding.ts';
export { mutateReportSchema } from './report/mutateReport.ts';
export type { MutateReport } from './report/mutateReport.ts';
/** Generated types take zod from here, so that they work wherever the toolkit is installed. */
export { z } from 'zod';
export { validateTraces } from './validate/validateTraces.ts';
export type {
  MatchedStep,
  ValidatedTrace,
  ValidateOptions,
  ValidateOutcome,
} from './validate/validateTraces.ts';
export { replayBinding } from './replaying/replayBinding.ts';
export type { ReplayBindingOptions, ReplayOutcome } from './replaying/replayBinding.ts';
export { replayRunning } from './running/replayRunning.ts';
export { walkRunning } from './running/walk.ts';
