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
