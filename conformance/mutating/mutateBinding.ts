/**
 * The mutation run of one binding: mutants of its spec and of its code, judged side by side, kept by
 * what they were judged on. What must hold: the unchanged code conforms to the unchanged model, or
 * nothing is mutated; and a run that was ended claims no score for what it did not judge.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Cache } from '../behaviour/cache.ts';
import type { StateGraph } from '../behaviour/graph.ts';
import { encodeGraph } from '../behaviour/recording.ts';
import type { BoundModel } from '../project/bindingFiles.ts';
import { isRunning } from '../replay/bindingModule.ts';
import type { ReplayOptions } from '../replay/driver.ts';
import { type ModelGraph, modelGraph } from '../replaying/modelGraph.ts';
import type { MutantRow, MutateReport } from '../report/mutateReport.ts';
import { hashFiles, hashParts } from '../sources/contentHash.ts';
import { codeRoot } from '../sources/stageCode.ts';
import { specClosure } from '../sources/specClosure.ts';
import { UsageError } from '../sources/usageError.ts';
import { type GraphOptions, prepareModel } from '../spec/graphOf.ts';
import { cacheFolder } from '../tlc/cacheFolder.ts';
import { constantsOf } from '../verify/replaying.ts';
import { hasLockfile, surroundings } from '../verify/surroundings.ts';
import { CodeJudge } from './codePool.ts';
import { applyEdit, diffOf, type Mutant, sampled } from './edit.ts';
import { firstFailure, type OnCode } from './firstFailure.ts';
import { judgeSpec, type SpecSetting } from './judgeSpec.ts';
import { type Made, makeMutants } from './makeMutants.ts';
import type { MutantJudgement } from './verdict.ts';

export interface MutateOptions {
  readonly spec: boolean;
  readonly code: boolean;
  readonly only: readonly string[];
  readonly max?: number;
  readonly seed: number;
  readonly parallel: number;
  /** Of one mutant. */
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly cache: boolean;
  readonly jar?: string;
  readonly signal: AbortSignal;
  readonly onTotal?: (total: number) => void;
  readonly onStart?: (id: string) => void;
  readonly onDone?: (row: MutantRow) => void;
  readonly onWarning?: (text: string) => void;
}

const form = 'mutate-3';
/** Of the unchanged model and of the code on it. */
const modelTimeoutMs = 600_000;
/** A mutant that reaches more pairs than so many times those of the real code, and some, has no end. */
const pairsFactor = 20;
const pairsSpare = 2_000;

export async function mutateBinding(bound: BoundModel, o: MutateOptions): Promise<MutateReport> {
  const temporary = mkdtempSync(join(tmpdir(), 'bisim-mutate-'));
  const run = new MutationRun(bound, o, temporary);
  try {
    return await run.report();
  } finally {
    await run.close();
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

class MutationRun {
  readonly #begun = performance.now();
  readonly #bound: BoundModel;
  readonly #o: MutateOptions;
  readonly #temporary: string;
  readonly #cache: Cache;
  readonly #judges: CodeJudge[] = [];
  /** Of the spec, all it extends, and the cfg. */
  readonly #model: string;

  constructor(bound: BoundModel, o: MutateOptions, temporary: string) {
    this.#bound = bound;
    this.#o = o;
    this.#temporary = temporary;
    const { module, cfg, libraryPaths, root } = bound.files;
    this.#model = hashFiles(root, [...specClosure(module, libraryPaths).files, cfg]);
    const folder = o.cache ? cacheFolder('results') : join(temporary, 'cache');
    this.#cache = new Cache({ folder, ...(o.onWarning && { warn: o.onWarning }) });
  }

  async close(): Promise<void> {
    await Promise.all(this.#judges.map((judge) => judge.close()));
  }

  async report(): Promise<MutateReport> {
    const { code, max = Infinity, seed } = this.#o;
    const { binding } = this.#bound;
    const runs = isRunning(binding);
    if (runs && code && !this.#o.spec) {
      const next = 'Mutate the spec by --spec, or bind the pure part of the code.';
      throw new UsageError('running-binding', 'code mutants are judged on pure bindings', next);
    }
    const made = await makeMutants(this.#bound, { ...this.#o, code: code && !runs });
    const chosen = sampled(made.mutants, max, seed);
    const model = await this.#modelGraph();
    const pairs = await this.#assertConforms(this.#onCode(model), model);
    this.#o.onTotal?.(chosen.length);
    const judge = await this.#judgeOf(chosen, { model, pairs }, made);
    const rows = await this.#judgeAll(chosen, judge, made);
    return this.#add(rows, made.mutants.length);
  }

  #modelGraph(): Promise<ModelGraph> {
    const { signal, seed, jar, memoryMb, onWarning } = this.#o;
    return modelGraph(this.#bound.files, {
      ...{ signal, seed, jar, memoryMb, timeoutMs: modelTimeoutMs },
      cache: this.#o.cache ? cacheFolder('results') : join(this.#temporary, 'cache'),
      ...(onWarning && { onWarning }),
    });
  }

  #onCode(model: ModelGraph): OnCode {
    const { signal, timeoutMs } = this.#o;
    const { binding } = this.#bound;
    const replay = (graph: StateGraph): ReplayOptions => optionsOf({ ...model, graph });
    return { binding, replay, timeoutMs, signal };
  }

  /** A mutant that dies on code that fails anyway proves nothing. The pairs that its replay met. */
  async #assertConforms(code: OnCode, { graph }: ModelGraph): Promise<number> {
    const { failure, pairs } = await firstFailure(graph, { ...code, timeoutMs: modelTimeoutMs });
    if (failure === undefined) return pairs;
    throw new UsageError(
      'not-conforming',
      `the code does not conform to ${this.#bound.files.name}: ${failure}`,
      'Run bisim replay first: mutants are judged against code that conforms.',
    );
  }

  async #judgeOf(
    chosen: readonly Mutant[],
    { model, pairs }: { readonly model: ModelGraph; readonly pairs: number },
    { texts }: Made,
  ): Promise<(mutant: Mutant, lane: number) => Promise<MutantJudgement>> {
    const hasSpec = chosen.some(({ kind }) => kind === 'spec');
    const spec = hasSpec ? await this.#specSetting(model, texts) : undefined;
    if (chosen.some(({ kind }) => kind === 'code')) this.#startJudges(model, pairs);
    return (mutant, lane) => {
      if (mutant.kind === 'spec') return judgeSpec(mutant, spec!);
      const text = texts.get(mutant.file) ?? '';
      return this.#judges[lane]!.judge({
        file: mutant.file,
        mutated: applyEdit(text, mutant),
        probed: applyEdit(text, mutant.probe),
      });
    };
  }

  async #specSetting(model: ModelGraph, texts: ReadonlyMap<string, string>): Promise<SpecSetting> {
    const { module, cfg, libraryPaths } = this.#bound.files;
    const { timeoutMs, memoryMb, signal, jar } = this.#o;
    const tlc: GraphOptions = {
      ...{ module, cfg, libraryPaths, timeoutMs, memoryMb, signal, tiny: true },
      ...(jar !== undefined && { jar: { jar } }),
      cache: this.#cache,
    };
    const prepared = await prepareModel(tlc, 'replay');
    if (!prepared.model) throw new Error(`TLC: ${prepared.tlc?.message ?? 'no model'}`);
    const { graph } = model;
    return { ...this.#onCode(model), ...{ tlc, texts, graph, model: prepared.model } };
  }

  #startJudges({ graph, facts }: ModelGraph, pairs: number): void {
    const { constants, parameterNames, boundedLeaves } = facts;
    const { closure, files } = this.#bound;
    const data = {
      graph: encodeGraph(graph, { hash: '', effort: 'fast' }),
      ...{ constants, parameterNames, boundedLeaves },
      ...{ root: codeRoot(files.root, closure.files), closure, temporary: this.#temporary },
      pairsMax: pairsFactor * pairs + pairsSpare,
    };
    const { timeoutMs, memoryMb, parallel } = this.#o;
    for (let lane = 0; lane < parallel; lane += 1) {
      this.#judges.push(new CodeJudge({ data, timeoutMs, memoryMb }));
    }
  }

  /** Several at once; each lane takes the next mutant when it is done with its last. */
  async #judgeAll(
    chosen: readonly Mutant[],
    judge: (mutant: Mutant, lane: number) => Promise<MutantJudgement>,
    made: Made,
  ): Promise<MutantRow[]> {
    const rows: (MutantRow | undefined)[] = [];
    const open = chosen.entries();
    const { signal, onStart, onDone, parallel } = this.#o;
    const surrounded = surroundings(this.#bound.files.root);
    const lane = async (number: number): Promise<void> => {
      for (const [at, mutant] of open) {
        if (signal.aborted) return;
        onStart?.(mutant.id);
        const key = this.#key(mutant, surrounded);
        const row = await this.#judged(mutant, key, made, () => judge(mutant, number));
        if (signal.aborted) return;
        rows[at] = row;
        onDone?.(row);
      }
    };
    const abort = (): void => void this.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.all(Array.from({ length: parallel }, (_, number) => lane(number)));
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return rows.filter((row) => row !== undefined);
  }

  #key(mutant: Mutant, surrounded: string): string | undefined {
    const { closure, hash, files } = this.#bound;
    if (closure.opaque !== undefined || !hasLockfile(files.root)) return undefined;
    const { start, end, replacement, kind } = mutant;
    const { timeoutMs, memoryMb, jar = '' } = this.#o;
    const piece = JSON.stringify([
      kind,
      relative(files.root, mutant.file),
      start,
      end,
      replacement,
    ]);
    const limits = JSON.stringify([timeoutMs, memoryMb, jar]);
    return hashParts([form, piece, limits, this.#model, hash, surrounded]);
  }

  async #judged(
    mutant: Mutant,
    key: string | undefined,
    { texts }: Made,
    judge: () => Promise<MutantJudgement>,
  ): Promise<MutantRow> {
    const { root } = this.#bound.files;
    const { id, kind, operator, line, inside } = mutant;
    const file = relative(root, mutant.file);
    const diff = diffOf(texts.get(mutant.file) ?? '', mutant);
    const facts = { id, kind, operator, file, line, inside, ...diff };
    const known = key && ((await this.#cache.getJson(key)) as MutantJudgement | undefined);
    if (known) return { ...facts, ...known, cached: true };
    try {
      const judgement = await judge();
      // What a limit said of a busy machine is not kept.
      if (key !== undefined && judgement.by !== 'limit' && !this.#o.signal.aborted) {
        await this.#cache.putJson(key, judgement);
      }
      return { ...facts, ...judgement, cached: false };
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      return { ...facts, verdict: 'unknown', by: '', reason, seconds: 0, cached: false };
    }
  }

  #add(rows: MutantRow[], possible: number): MutateReport {
    const count = (verdict: MutantRow['verdict']): number =>
      rows.filter((row) => row.verdict === verdict).length;
    const { signal, seed } = this.#o;
    const [killed, holes] = [count('killed'), count('hole')];
    const verdict = signal.aborted
      ? 'interrupted'
      : holes > 0
        ? 'violation'
        : count('unknown') > 0 || killed === 0
          ? 'unknown'
          : 'ok';
    return {
      schema: 'bisim.mutate.1',
      verdict,
      binding: this.#bound.binding.name,
      model: this.#bound.files.name,
      possible,
      judged: rows.length,
      ...{ killed, holes, equivalent: count('equivalent'), outside: count('outside') },
      score: killed + holes === 0 ? null : killed / (killed + holes),
      mutants: rows,
      seed,
      seconds: (performance.now() - this.#begun) / 1_000,
    };
  }
}

function optionsOf({ graph, facts }: Pick<ModelGraph, 'graph' | 'facts'>): ReplayOptions {
  const { parameterNames, boundedLeaves } = facts;
  return { constants: constantsOf(graph, facts), parameterNames, boundedLeaves, maxFailures: 1 };
}
