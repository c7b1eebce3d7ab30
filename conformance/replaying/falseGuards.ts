/**
 * Why the model does not allow what the code did: the first guard of the action that is false in that
 * state, found by TLC in one short run for all failures. What must hold: it never changes a verdict;
 * where TLC cannot tell, nothing is said.
 */
import { Cache } from '../behaviour/cache.ts';
import type { SpecFiles } from '../project/specFiles.ts';
import type { ReplayFailure, ReplayReport } from '../report/replayReport.ts';
import { formatCfg } from '../spec/cfg.ts';
import { runGenerated } from '../validate/batch.ts';
import { type Guard, GuardReader } from '../validate/guards.ts';
import { loadModel, type LoadedModel } from '../validate/loadModel.ts';
import { noneName, toolsName } from '../validate/tools.ts';
import { tlcIfAny } from './modelGraph.ts';

export interface GuardOptions {
  readonly jar?: string;
  readonly cache: string;
  readonly signal: AbortSignal;
}

interface Asked {
  readonly failure: ReplayFailure;
  readonly guards: readonly Guard[];
}

const askedMax = 3;
const timeoutMs = 60_000;
const memoryMb = 512;
const moduleName = 'BisimWhy';

/** The report, whose forbidden steps name the guard that is false. */
export async function withFalseGuards(
  report: ReplayReport,
  files: SpecFiles,
  o: GuardOptions,
): Promise<ReplayReport> {
  const asked = report.failures.filter(isRefused).slice(0, askedMax);
  if (asked.length === 0 || o.signal.aborted) return report;
  const found = await guardsOf(asked, files, o).catch(() => new Map<ReplayFailure, Guard>());
  const failures = report.failures.map((failure) => {
    const guard = found.get(failure);
    if (guard === undefined) return failure;
    const { text, location } = guard;
    const line = `the guard that is false there: ${text} (${location.file}, line ${location.line})`;
    return { ...failure, falseGuards: [text], text: `${failure.text}\n${line}` };
  });
  return { ...report, failures };
}

/** The code did a step that the model has no edge of. */
function isRefused({ kind, action, state, enabled }: ReplayFailure): boolean {
  if (kind !== 'forbidden' || action === undefined || state === undefined) return false;
  return enabled !== undefined;
}

async function guardsOf(
  failures: readonly ReplayFailure[],
  { module, cfg, libraryPaths }: SpecFiles,
  { jar, cache, signal }: GuardOptions,
): Promise<Map<ReplayFailure, Guard>> {
  const tlc = await tlcIfAny(jar);
  if (tlc === undefined) return new Map();
  const given = { module, cfg, libraryPaths, signal, jar: { jar: tlc.jar } };
  const model = await loadModel({ ...given, cache: new Cache({ folder: cache }) });
  const reader = await GuardReader.of(given);
  const asked = failures.map((failure): Asked => ({
    failure,
    guards: reader.guardsOf(failure.action!),
  }));
  const made = moduleOf(model, asked);
  const run = await runGenerated({ ...given, timeoutMs, memoryMb }, made);
  const found = new Map<ReplayFailure, Guard>();
  for (const line of run.prints) {
    const [, number, guard] = /^"@bisim false (\d+) (\d+)"$/.exec(line) ?? [];
    const one = asked[Number(number)];
    const is = one?.guards[Number(guard)];
    if (one !== undefined && is !== undefined) found.set(one.failure, is);
  }
  return found;
}

function moduleOf(
  { spec, cfg, modelValues }: LoadedModel,
  asked: readonly Asked[],
): { module: { name: string; text: string }; cfg: string } {
  const { module, constants, variables } = spec.declarations;
  const undeclared = [...modelValues].filter((name) => !constants.includes(name)).sort();
  const given = new Set(cfg.constants.map(({ name }) => name));
  const added = [noneName, ...undeclared]
    .filter((name) => !given.has(name))
    .map((name) => ({ name, kind: '=' as const, value: name }));
  const inits = asked.map(({ failure: { state } }, i) => {
    const equals = variables.map((name) => `${name} = ${state![name]}`);
    return `  \\/ /\\ bisimCase = ${i}\n     /\\ ${equals.join('\n     /\\ ')}`;
  });
  const text = [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${module}, ${toolsName}`,
    ...(undeclared.length > 0 ? [`CONSTANTS ${undeclared.join(', ')}`] : []),
    'VARIABLE bisimCase',
    // States print functions by :> and @@.
    'LOCAL INSTANCE TLC',
    'BisimWhyInit ==',
    ...inits,
    ...asked.flatMap((one, i) => chainOf(one, i, spec.actions)),
    `BisimWhyNext == ${asked.map((_, i) => `(bisimCase = ${i} /\\ BisimChain${i} /\\ FALSE)`).join(' \\/ ')}`,
    '====',
    '',
  ].join('\n');
  const cfgText = formatCfg({
    constants: [...cfg.constants, ...added],
    ...{ invariants: [], properties: [], constraints: [], actionConstraints: [] },
    ...{ init: 'BisimWhyInit', next: 'BisimWhyNext', checkDeadlock: false },
  });
  return { module: { name: moduleName, text }, cfg: cfgText };
}

/** Asks for one guard after the other, and prints the first that is false. */
function chainOf(
  { failure, guards }: Asked,
  number: number,
  actions: LoadedModel['spec']['actions'],
): string[] {
  const params = actions.find(({ name }) => name === failure.action)?.params ?? [];
  const head = params.length === 0 ? '' : `(${params.join(', ')})`;
  const args = (failure.args ?? []).map(({ value }) => value);
  const call = args.length === 0 ? '' : `(${args.join(', ')})`;
  const definitions = guards.map(
    ({ formula }, k) => `BisimGuard${number}_${k}${head} ==\n ENABLED (${formula})`,
  );
  const chain = guards.map(
    (_, k) =>
      `IF ~BisimGuard${number}_${k}${call} THEN BisimPrint("@bisim false ${number} ${k}") ELSE\n  `,
  );
  return [...definitions, `BisimChain${number} ==\n  ${chain.join('')}TRUE`];
}
