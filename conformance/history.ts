/** The package entry bisim/history: client histories in, verdicts and their reasons out. */
export { historyOf, HistoryError } from './history/operation.ts';
export type { HistoryEvent, Operation, ProcessName, Status } from './history/operation.ts';
export { checkLinearizable, checkLinearizableAsync } from './history/linearizability.ts';
export type {
  CheckOptions,
  HistoryResult,
  HistoryVerdict,
  Undecided,
} from './history/linearizability.ts';
export type { Machine, Model } from './history/model.ts';
export { kv, kvModel, register, registerModel } from './history/kv.ts';
export { allOn } from './history/switches.ts';
export type { Switches } from './history/switches.ts';
export { operationText } from './history/explain.ts';
export type { LongestPrefix, Refused } from './history/explain.ts';
export { toColumns, operationAt } from './history/columns.ts';
export type { Columns } from './history/columns.ts';
export { readHistory, readHistoryFile } from './history/historyFile.ts';
export { HistoryFileError } from './history/lineReader.ts';
export type { ReadOptions } from './history/lineReader.ts';
export { bank, bankModel } from './history/bankModel.ts';
export { counter } from './history/counterModel.ts';
export { queue } from './history/queueModel.ts';
export { set } from './history/setModel.ts';
export { modelNamed, modelNames } from './history/models.ts';
export { createHistoryRecorder, historyLines } from './history/recorder.ts';
export type { HistoryRecorder, RecordedCall, RecorderOptions } from './history/recorder.ts';
export { exitCodeOf, linearizeFiles, linearizeText } from './history/linearizeFiles.ts';
export type { FileResult, LinearizeOptions, LinearizeResult } from './history/linearizeFiles.ts';
export { checkStaleness } from './history/staleness.ts';
export type { StalenessBounds, StalenessReport } from './history/staleness.ts';
export { timelineHtml } from './history/timeline.ts';
export type { Band, TimelineOptions } from './history/timeline.ts';
export { checkTransactions } from './history/transactions.ts';
export type { FoundAnomaly, TransactionResult } from './history/transactions.ts';
export { consistencyNamed, consistencyNames } from './history/consistency.ts';
export type {
  CausalLevel,
  Consistency,
  IsolationLevel,
  SessionGuarantee,
} from './history/consistency.ts';
export { checkHistory } from './history/checkHistory.ts';
export { checkSequential, checkSequentialAsync } from './history/sequential.ts';
export { checkCausal } from './history/causal.ts';
export { checkSessions } from './history/sessions.ts';
