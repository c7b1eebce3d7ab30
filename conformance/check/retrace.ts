/**
 * Finds a whole counterexample to what a distributed search found. TLC's server shows its last two
 * states alone, without a word of what is violated (measured on 2.18): the same model is searched
 * once more here, from its start. Where that takes too long, the end is run again, which names what
 * is violated. What must hold: what comes back is TLC's own word; what is missing is said.
 */
import { basename } from 'node:path';
import { modelValuesOf } from '../spec/arguments.ts';
import { behaviourSpec } from '../spec/behaviourSpec.ts';
import { formatCfg, type Cfg } from '../spec/cfg.ts';
import { contentKey, loadSyntax } from '../spec/loadSpec.ts';
import { readSources } from '../spec/sourceText.ts';
import type { TlcResult, TlcTraceStep } from '../tlc/result.ts';
import { runTlc, type TlcOptions } from '../tlc/run.ts';
import { ValueError } from '../value/valueError.ts';
import { ValueTable } from '../value/table.ts';

const moduleName = 'BisimRetrace';
const constraint = 'BisimFollow';
const start = 'BisimStart';
/** A few states: anything longer is stuck. */
const endMsMax = 600_000;

/** `wholeMsMax`: how long the way to the states shown may be searched for. */
export async function retrace(
  found: TlcResult,
  cfg: Cfg,
  o: TlcOptions & { readonly wholeMsMax: number },
): Promise<TlcResult> {
  const { wholeMsMax, ...search } = o;
  const here = { ...search, workers: 1, coverage: false };
  const whole = await runTlc({ ...here, timeoutMs: wholeMsMax });
  if (whole.verdict === 'violation') return told(found, whole, '');
  const follow = following(found.trace ?? []);
  if (follow === undefined || o.signal?.aborted) return without(found);
  const { specification: _s, ...rest } = cfg;
  const next = await nextOf(cfg, o);
  const end = await runTlc(optionsOf(follow, { ...rest, init: start, next }, here));
  if (end.verdict !== 'violation') return without(found);
  return told(found, { ...end, trace: headless(end.trace) }, lost);
}

/** The first state shown is no initial one: nothing may call it that. */
function headless(trace: TlcResult['trace']): readonly TlcTraceStep[] {
  const [first, ...rest] = trace ?? [];
  return first === undefined
    ? []
    : [{ ...first, action: '(the steps before are not known)' }, ...rest];
}

const lost =
  'TLC’s server shows no more than the end of a behaviour; without --distributed it is whole.';

function without(found: TlcResult): TlcResult {
  const message = `${found.message ?? ''} ${lost}`.trim();
  return { ...found, message, trace: headless(found.trace) };
}

function told(found: TlcResult, again: TlcResult, remark: string): TlcResult {
  const { verdict, kind, property, message = '', location, trace, lasso } = again;
  const parts = { kind, property, location, trace, lasso };
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  const part = Object.fromEntries(given) as Partial<TlcResult>;
  return { ...found, verdict, ...part, message: `${message} ${remark}`.trim() };
}

/** The name of the next-state relation, which a SPECIFICATION hides. */
async function nextOf(cfg: Cfg, o: TlcOptions): Promise<string> {
  if (cfg.next !== undefined) return cfg.next;
  const syntax = await loadSyntax(o, await contentKey(o));
  const text = await readSources({ ...o, names: syntax.modules });
  return behaviourSpec(syntax, text, cfg).next.name;
}

interface Following {
  readonly start: string;
  /** True of a step to one of the states. */
  readonly expression: string;
  readonly modelValues: ReadonlySet<string>;
}

function following(trace: readonly TlcTraceStep[]): Following | undefined {
  const table = new ValueTable();
  const modelValues = new Set<string>();
  try {
    const equal = ({ state }: TlcTraceStep, prime: string): string => {
      const parts = Object.entries(state).map(([name, text]) => {
        const id = table.parse(text);
        modelValuesOf(table.value(id), modelValues);
        return `${name}${prime} = ${table.format(id)}`;
      });
      return `(${parts.join(' /\\ ')})`;
    };
    const [first] = trace;
    if (first === undefined) return undefined;
    const expression = trace.map((step) => equal(step, "'")).join('\n  \\/ ');
    return { start: equal(first, ''), expression, modelValues };
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

function optionsOf(follow: Following, cfg: Cfg, o: TlcOptions): TlcOptions {
  const { expression, modelValues } = follow;
  const known = new Set(cfg.constants.map(({ name }) => name));
  const added = [...modelValues].filter((name) => !known.has(name));
  const text = [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${basename(o.module, '.tla')}, TLC`,
    ...(added.length > 0 ? [`CONSTANTS ${added.join(', ')}`] : []),
    `${start} == ${follow.start}`,
    `${constraint} ==\n     ${expression}`,
    '====',
    '',
  ].join('\n');
  return {
    ...o,
    timeoutMs: endMsMax,
    modules: [...(o.modules ?? []), { name: moduleName, text }],
    root: moduleName,
    cfg: formatCfg({
      ...cfg,
      constants: [
        ...cfg.constants,
        ...added.map((name) => ({ name, kind: '=' as const, value: name })),
      ],
      actionConstraints: [...cfg.actionConstraints, constraint],
    }),
  };
}
