/** The package entry bisim/history: client histories in, verdicts and their reasons out. */
export { historyOf, HistoryError } from './history/operation.ts';
export type { HistoryEvent, Operation, ProcessName, Status } from './history/operation.ts';
export { checkLinearizable } from './history/linearizability.ts';
export type { CheckOptions, HistoryResult, HistoryVerdict } from './history/linearizability.ts';
export type { Machine, Model } from './history/model.ts';
export { kv, kvModel } from './history/kv.ts';
