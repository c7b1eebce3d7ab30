/**
 * The replay of one binding from its path to its report: the graph or the traces, the shares that run
 * them, what they add up to, kept for the next time where nothing changed. What must hold: a run of
 * nothing fails, and only what passed is taken from the cache.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import { encodeGraph } from '../behaviour/recording.ts';
import type { BoundModel } from '../project/bindingFiles.ts';
import { isRunning } from '../replay/bindingModule.ts';
import type { ReplayReport } from '../report/replayReport.ts';
import { hashParts } from '../sources/contentHash.ts';
import { UsageError } from '../sources/usageError.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { hasLockfile, surroundings } from '../verify/surroundings.ts';
import { addUp } from './addUp.ts';
import { withFalseGuards } from './falseGuards.ts';
import { type GraphSettings, type ModelFacts, type ModelGraph, modelGraph } from './modelGraph.ts';
import { fileTraces, type ModelTraces, simulatedTraces } from './modelTraces.ts';
import { keepFailures } from './keepFailures.ts';
import { runShares, SharesEnded } from './sharePool.ts';
import type { ReplayMode, Shard, ShareAnswer, ShareJob, ShareSettings } from './share.ts';

export interface ReplayBindingOptions {
  readonly mode?: ReplayMode;
  readonly coverage?: ShareSettings['coverage'];
  readonly inRow?: number;
  /** Files to replay alone. */
  readonly traces?: readonly string[];
  /** Simulation: behaviours, and steps of each; walks: steps of the longest. */
  readonly num?: number;
  readonly depth?: number;
  readonly steps?: number;
  readonly seed?: number;
  readonly shard?: Shard;
  readonly parallel?: number;
  readonly offers?: boolean;
  readonly maxFailures?: number;
  /** Failing traces are kept in this folder. */
  readonly save?: string;
  readonly timeoutMs?: number;
  readonly memoryMb?: number;
  readonly jar?: string;
  /** False: nothing is taken from earlier runs, nothing kept for later ones. */
  readonly cache?: boolean;
  /** Run in this thread: tests of code that is loaded already. */
  readonly here?: boolean;
  readonly signal?: AbortSignal;
  /** What relative paths start from. */
  readonly from?: string;
  readonly onDetail?: (text: string) => void;
  readonly onWarning?: (text: string) => void;
}

export interface ReplayOutcome {
  readonly report: ReplayReport;
  /** By edge of `graph`: 1 where the code took it. */
  readonly taken?: Uint8Array;
  readonly graph?: ModelGraph;
}

const timeoutMsDefault = 600_000;
const memoryMbDefault = 2_048;
const numDefault = 1_000;
const simulationDepth = 100;
const walkDepth = 200;
const stepsDefault = 10_000;
const maxFailuresDefault = 10;
const form = 'replay-1';

export async function replayBinding(
  bound: BoundModel,
  options: ReplayBindingOptions = {},
): Promise<ReplayOutcome> {
  const temporary =
    options.cache === false ? mkdtempSync(join(tmpdir(), 'bisim-replay-')) : undefined;
  try {
    return await new Replay(bound, options, temporary ?? cacheFolder('results')).run();
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What is replayed: a graph, or traces. */
interface Given {
  readonly facts: ModelFacts;
  readonly key: string;
  readonly model?: ModelGraph;
  readonly traces?: ModelTraces;
}

class Replay {
  private readonly begun = performance.now();
  private readonly signal: AbortSignal;
  private readonly mode: ReplayMode;
  private readonly settings: ShareSettings;
  private readonly shard: Shard;
  private readonly timeoutMs: number;

  constructor(
    private readonly bound: BoundModel,
    private readonly options: ReplayBindingOptions,
    private readonly cache: string,
  ) {
    this.signal = options.signal ?? new AbortController().signal;
    this.mode = modeOf(bound, options);
    this.shard = options.shard ?? { index: 0, count: 1 };
    this.timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    this.settings = {
      mode: this.mode,
      coverage: options.coverage ?? 'edge',
      inRow: options.inRow ?? 2,
      seed: options.seed ?? 1,
      steps: options.steps ?? stepsDefault,
      depth: options.depth ?? walkDepth,
      offers: options.offers ?? true,
      maxFailures: options.maxFailures ?? maxFailuresDefault,
    };
  }

  async run(): Promise<ReplayOutcome> {
    const given = await this.given();
    const { bound } = this;
    const cache = new Cache({ folder: this.cache, ...this.warning() });
    const cachable = bound.closure.opaque === undefined && hasLockfile(bound.files.root);
    const key = cachable ? this.key(given) : undefined;
    const known = key === undefined ? undefined : await this.known(cache, key);
    const answers = known ?? (await this.answers(given));
    const { report, taken } = addUp(answers, {
      bound,
      settings: this.settings,
      shard: this.shard,
      facts: given.facts,
      ...(given.model && { model: given.model }),
      kept: given.traces?.probes !== undefined,
      cached: known !== undefined,
      seconds: (performance.now() - this.begun) / 1000,
    });
    if (key !== undefined && known === undefined && report.verdict === 'ok')
      await cache.put(key, packed(answers));
    const { model } = given;
    const { jar } = this.options;
    const why = { cache: this.cache, signal: this.signal, ...(jar !== undefined && { jar }) };
    const told = await withFalseGuards(report, bound.files, why);
    return {
      report: keepFailures(told, answers, { ...this.options, bound }),
      ...(taken && { taken }),
      ...(model && { graph: model }),
    };
  }

  private warning(): { warn?: (text: string) => void } {
    const { onWarning } = this.options;
    return onWarning === undefined ? {} : { warn: onWarning };
  }

  private async given(): Promise<Given> {
    const { bound, mode, options } = this;
    const { files } = bound;
    const common: GraphSettings = {
      jar: options.jar,
      timeoutMs: this.timeoutMs,
      memoryMb: options.memoryMb ?? memoryMbDefault,
      seed: this.settings.seed,
      cache: this.cache,
      signal: this.signal,
      ...(options.onDetail && { onDetail: options.onDetail }),
      ...(options.onWarning && { onWarning: options.onWarning }),
    };
    if (mode === 'trace') {
      const from = options.from ?? process.cwd();
      const traces = await fileTraces(files, options.traces ?? [], { ...common, from });
      return { facts: traces.facts, key: traces.key, traces };
    }
    if (mode === 'simulation') {
      const { num = numDefault, depth = simulationDepth } = options;
      const traces = await simulatedTraces(files, { ...common, num, depth });
      return { facts: traces.facts, key: traces.key, traces };
    }
    const model = await modelGraph(files, common);
    return { facts: model.facts, key: model.key, model };
  }

  /** Of all that can change what comes of it. */
  private key({ key, facts }: Given): string {
    const { bound, settings, shard } = this;
    return hashParts([
      ...[form, key, bound.hash, bound.binding.name, surroundings(bound.files.root)],
      ...[JSON.stringify(settings), JSON.stringify(shard), JSON.stringify(facts)],
    ]);
  }

  private async known(cache: Cache, key: string): Promise<ShareAnswer[] | undefined> {
    const bytes = await cache.get(key);
    return bytes === undefined ? undefined : unpacked(bytes);
  }

  /** Without decode, states are explored from the start: nobody can take every second one. */
  private get isOnePiece(): boolean {
    const { binding } = this.bound;
    return this.mode === 'edges' && !isRunning(binding) && binding.decode === undefined;
  }

  private async answers({ facts, model, traces }: Given): Promise<ShareAnswer[]> {
    const { bound, settings, shard, options } = this;
    const parallel = this.isOnePiece ? 1 : Math.max(1, options.parallel ?? 1);
    const graph = model === undefined ? undefined : encodeGraph(model.graph, { effort: 'fast' });
    const jobs = Array.from({ length: parallel }, (_, i): ShareJob => ({
      path: bound.path,
      transpiled: cacheFolder('transpiled'),
      settings,
      // Share i of this shard: together the shares take each `count`th, as one alone would.
      shard: { index: shard.index + i * shard.count, count: shard.count * parallel },
      facts,
      ...(graph && { graph }),
      ...(traces && { traces: traces.traces }),
      ...(traces?.probes && { probes: traces.probes }),
    }));
    const { signal, timeoutMs } = this;
    const left = Math.max(1, timeoutMs - (performance.now() - this.begun));
    const done = jobs.map(() => 0);
    const onProgress = (share: number, now: number, total: number | undefined): void => {
      done[share] = now;
      const all = done.reduce((a, b) => a + b, 0);
      options.onDetail?.(total === undefined ? `${all} paths` : `${all} of ${total}`);
    };
    try {
      const pool = { signal, timeoutMs: left, onProgress, binding: bound.binding };
      return await runShares(jobs, { ...pool, ...(options.here && { here: true }) });
    } catch (error) {
      if (!(error instanceof SharesEnded)) throw error;
      const reason = signal.aborted
        ? 'interrupted'
        : `the time limit of ${timeoutMs / 1000} s passed, and ${error.message}`;
      return [unfinished(reason)];
    }
  }
}

function modeOf({ binding }: BoundModel, { mode, traces }: ReplayBindingOptions): ReplayMode {
  if (mode === 'trace' && (traces ?? []).length === 0) {
    throw new UsageError('no-trace', '--mode trace names no file', 'Name one by --trace FILE.');
  }
  if (traces !== undefined && traces.length > 0) {
    if (mode === undefined || mode === 'trace') return 'trace';
    throw new UsageError('trace-mode', `--trace does not go with --mode ${mode}`, 'Leave one out.');
  }
  return mode ?? (isRunning(binding) ? 'tours' : 'edges');
}

function unfinished(reason: string): ShareAnswer {
  const none = { paths: 0, steps: 0, diverged: 0, failureCount: 0, seconds: 0 };
  return { verdict: 'unknown', reason, failures: [], knownBad: [], ...none };
}

/** Answers that passed, with their coverage as base64. */
function packed(answers: readonly ShareAnswer[]): Buffer {
  const plain = answers.map(({ taken, ...rest }) => ({
    ...rest,
    ...(taken && { taken: Buffer.from(taken).toString('base64') }),
  }));
  return Buffer.from(JSON.stringify(plain));
}

function unpacked(bytes: Buffer): ShareAnswer[] | undefined {
  try {
    const plain = JSON.parse(bytes.toString('utf8')) as (Omit<ShareAnswer, 'taken'> & {
      taken?: string;
    })[];
    return plain.map(({ taken, ...rest }) => ({
      ...rest,
      ...(taken !== undefined && { taken: new Uint8Array(Buffer.from(taken, 'base64')) }),
    }));
  } catch {
    return undefined;
  }
}
