import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cache } from '../../conformance/behaviour/cache.ts';
import { edgeSource, stateOf, type StateGraph } from '../../conformance/behaviour/graph.ts';
import { parseCfg } from '../../conformance/spec/cfg.ts';
import { readBehaviour, readSpec } from '../../conformance/spec/declarations.ts';
import { prepareModel, simulate, stateGraph } from '../../conformance/spec/graphOf.ts';
import { modelValue } from '../../conformance/value/value.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';

const limits = { timeoutMs: 60_000, memoryMb: 256, tiny: true };
const shapes = join(specs, 'Shapes.tla');
const voting = join(specs, 'MCVoting.tla');
const votingCfg = join(specs, 'MCVoting.cfg');
const constants = 'CONSTANTS\n  Sites = {s1, s2}\n  None = None\n';
const next = (name: string, rest = ''): string => `INIT Init\nNEXT ${name}\n${constants}${rest}`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisim-spec-'));
  if (hasJava) await presentJar();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function specIn(name: string, body: string): Promise<string> {
  const path = join(folder, `${name}.tla`);
  await writeFile(path, `---- MODULE ${name} ----\n${body}\n====\n`);
  return path;
}

/** Each edge as the action, its arguments, and what `held` becomes. */
function steps(graph: StateGraph): string[] {
  const found: string[] = [];
  for (let edge = 0; edge < graph.edgeCount; edge++) {
    const { action, args } = graph.labels[graph.edgeLabel[edge]!]!;
    const { held } = stateOf(graph, graph.edgeTarget[edge]!);
    found.push(`${action}(${args.map(String).join(',')}) -> ${String(held)}`);
  }
  return [...new Set(found)].sort();
}

describe.skipIf(!hasJava)('stateGraph', () => {
  it('labels every edge with its action and arguments', async () => {
    const { graph, tlc, ...facts } = await stateGraph({
      ...limits,
      module: voting,
      cfg: votingCfg,
    });
    expect(tlc).toMatchObject({ verdict: 'ok', distinct: 24 });
    expect(graph?.nodeCount).toBe(24);
    expect(facts).toMatchObject({
      variables: ['promised', 'msgs', 'chosen'],
      parameterNames: { Ask: ['b'], Answer: ['s', 'b'], Choose: [] },
      constants: { Servers: '{s1, s2}', Ballots: '{1, 2}', None: 'None' },
      boundedLeaves: true,
    });
    const labels = graph!.labels.map(({ action, args }) => [action, ...args]);
    expect(labels).toContainEqual(['Answer', modelValue('s2'), 1]);
    for (let edge = 0; edge < graph!.edgeCount; edge++) {
      const { action, args } = graph!.labels[graph!.edgeLabel[edge]!]!;
      if (action !== 'Answer') continue;
      const { promised } = stateOf(graph!, graph!.edgeTarget[edge]!);
      expect((promised as ReadonlyMap<unknown, unknown>).get(args[0])).toBe(args[1]);
      expect(edgeSource(graph!, edge)).not.toBe(graph!.edgeTarget[edge]);
    }
  });

  it('takes apart nested and dependent quantifiers', async () => {
    const { graph } = await stateGraph({ ...limits, module: shapes, cfg: next('NestedNext') });
    expect(steps(graph!)).toEqual([
      'Drop() -> None',
      'Move(s1,s2) -> s2',
      'Move(s2,s1) -> s1',
      'Take(s1) -> s1',
      'Take(s2) -> s2',
    ]);
  });

  it('keeps the fairness of the specification, so that liveness is checked as the spec says', async () => {
    const cfg = (spec: string): string => `SPECIFICATION ${spec}\n${constants}PROPERTY Released\n`;
    const unfair = await stateGraph({ ...limits, module: shapes, cfg: cfg('FlatSpec') });
    expect(unfair.tlc).toMatchObject({ verdict: 'violation', kind: 'liveness' });
    expect(unfair.graph).toBeUndefined();
    const names = (unfair.tlc.trace ?? []).map(({ action }) => action);
    expect(names).toContain('Take');
  });

  it('gives a violation, with actions and arguments in its trace, and no graph', async () => {
    const body =
      "EXTENDS Naturals\nCONSTANT N\nVARIABLE x\nInit == x = 0\nAdd(n) == x + n <= 5 /\\ x' = x + n\nNext == \\E n \\in 1 .. N : Add(n)\nInv == x < 4";
    const module = await specIn('Adds', body);
    const cfg = 'INIT Init\nNEXT Next\nCONSTANT N = 2\nINVARIANT Inv\n';
    const { graph, tlc } = await stateGraph({ ...limits, module, cfg });
    expect(graph).toBeUndefined();
    expect(tlc).toMatchObject({ verdict: 'violation', kind: 'invariant', property: 'Inv' });
    const last = tlc.trace?.at(-1);
    expect(last).toMatchObject({ action: 'Add', args: [expect.stringMatching(/^[12]$/)] });
    expect(last?.location?.file).toBe('Adds.tla');
  });

  it('hands back the run whose ASSUME is false', async () => {
    const module = await specIn(
      'Assumes',
      'EXTENDS Naturals\nVARIABLE x\nASSUME 1 > 2\nInit == x = 0\nStep == UNCHANGED x\nNext == Step',
    );
    const { graph, tlc } = await stateGraph({ ...limits, module, cfg: 'INIT Init\nNEXT Next\n' });
    expect(graph).toBeUndefined();
    expect(tlc).toMatchObject({
      verdict: 'violation',
      kind: 'assume',
      location: { file: 'Assumes.tla', line: 4 },
    });
  });

  it('refuses a model in which nothing can happen', async () => {
    const run = stateGraph({ ...limits, module: shapes, cfg: next('EmptyNext') });
    await expect(run).rejects.toMatchObject({ code: 'no-actions' });
  });

  it('reads a spec once for the cache', async () => {
    const cache = new Cache({ folder: join(folder, 'cache') });
    const o = { module: shapes, cfg: next('FlatNext'), cache };
    const first = await prepareModel(o, 'replay');
    // A jar that is none: the second reading must start no Java, and a changed jar must not be missed.
    const second = await prepareModel(o, 'replay');
    expect(second.model).toEqual(first.model);
    expect(second.model?.arguments.instances).toHaveLength(3);
  });
});

describe.skipIf(!hasJava)('simulate', () => {
  it('gives behaviours whose steps carry actions and arguments', async () => {
    const result = await simulate({
      ...limits,
      module: voting,
      cfg: votingCfg,
      num: 3,
      depth: 6,
      seed: 7,
    });
    expect(result.tlc.verdict).toBe('ok');
    expect(result.traces).toHaveLength(3);
    for (const trace of result.traces) {
      expect(trace.variables).toEqual(['promised', 'msgs', 'chosen']);
      expect(trace.labels).toHaveLength(trace.length - 1);
      for (const label of trace.labels)
        expect(['Ask', 'Answer', 'Choose']).toContain(label?.action);
    }
  });
});

describe.skipIf(!hasJava)('readBehaviour', () => {
  const read = (cfg: string): ReturnType<typeof readBehaviour> =>
    readBehaviour({ module: shapes, cfg: parseCfg(cfg) });

  it.each([
    ['FlatNext', ['Take', 'Drop']],
    ['TupleNext', ['Drop', 'Take', 'Move']],
    ['FixedNext', ['Drop', 'Take', 'Note', 'Note']],
    ['GroupNext', ['Take', 'Drop']],
    ['ValueNext', ['Record']],
  ])('finds the actions of %s', async (name, actions) => {
    const { disjuncts } = await read(next(name));
    expect(disjuncts.map(({ action }) => action)).toEqual(actions);
  });

  it('names parameters and their sets', async () => {
    const { actions } = await read(next('TupleNext'));
    expect(actions[2]).toMatchObject({
      name: 'Move',
      params: ['from', 'to'],
      domains: ['Pairs', 'Pairs'],
    });
  });

  it.each([
    ['StateNext', 'state-dependent', /seen \\cup Sites.*label these steps StateNext/],
    ['GivenNext', 'state-dependent', /Take is given held/],
    ['InlineNext', 'unnamed-action', /label its steps InlineNext/],
  ])('refuses %s', async (name, code, message) => {
    await expect(read(next(name))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      location: { file: 'Shapes.tla', line: expect.any(Number), column: expect.any(Number) },
    });
  });

  it('refuses what the cfg cannot mean', async () => {
    const refused = async (cfg: string): Promise<string> =>
      read(cfg).then(
        () => 'accepted',
        (error: { code: string }) => error.code,
      );
    expect(await refused(`${next('FlatNext')}CONSTANT Zork = 3\n`)).toBe('unknown-constant');
    expect(await refused('INIT Init\nNEXT FlatNext\nCONSTANT None = None\n')).toBe(
      'missing-constant',
    );
    expect(await refused(next('Nothing'))).toBe('unknown-operator');
    expect(await refused(next('FlatNext', 'INVARIANT Nope\n'))).toBe('unknown-operator');
    expect(await refused(next('FlatNext', 'CONSTANT Take <- Note\n'))).toBe('overridden-action');
    expect(await refused(next('FlatNext', 'CONSTANT Pairs <- Zork\n'))).toBe('unknown-operator');
    expect(await refused(`SPECIFICATION OddSpec\n${constants}`)).toBe('config');
    expect(await refused(constants)).toBe('config');
  });

  it('looks through a fair specification to its parts', async () => {
    const spec = await read(`SPECIFICATION FairSpec\n${constants}`);
    expect(spec).toMatchObject({ init: 'Init', next: 'FlatNext', subscript: 'vars' });
    expect(spec.fairness).toEqual(['\\A s \\in Sites : WF_vars(Take(s))']);
  });

  it.each([
    ['VIEW View', 'quotient'],
    ['SYMMETRY Pairs', 'quotient'],
    ['CONSTRAINT Bound', 'hidden-states'],
    ['ACTION_CONSTRAINT PrimedBound', 'primed-constraint'],
  ])('refuses to replay under %s', async (line, code) => {
    const prepared = prepareModel({ module: shapes, cfg: next('FlatNext', `${line}\n`) }, 'replay');
    await expect(prepared).rejects.toMatchObject({ code, next: expect.stringMatching(/\w/) });
  });
});

describe.skipIf(!hasJava)('readSpec', () => {
  it('lists what the spec declares', async () => {
    const spec = await readSpec({ module: voting });
    expect(spec).toMatchObject({
      module: 'MCVoting',
      constants: ['Servers', 'Ballots', 'None'],
      variables: ['promised', 'msgs', 'chosen'],
    });
    expect(spec.operators.find(({ name }) => name === 'Answer')).toEqual({
      name: 'Answer',
      arity: 2,
      params: ['s', 'b'],
      level: 2,
      module: 'Voting',
      location: { file: 'Voting.tla', line: 38, column: 1 },
    });
  });

  it.each([
    ['Syntax', "VARIABLE x\nInit == x = 0\nNext == x' = x + + 1", 5, /Encountered/],
    ['Meaning', "VARIABLE x\nInit == x = 0\nNext == x' = y", 4, /Unknown operator: `y'/],
  ])('gives the place and words of SANY: %s', async (name, body, line, words) => {
    await expect(readSpec({ module: await specIn(name, body) })).rejects.toMatchObject({
      code: 'parse',
      location: { file: `${name}.tla`, line: expect.any(Number) },
      message: expect.stringMatching(words),
    });
    expect(line).toBeGreaterThan(0);
  });

  it('names a module that is missing, and a spec that is not there', async () => {
    await expect(readSpec({ module: await specIn('Lacks', 'EXTENDS Nope') })).rejects.toThrow(
      /Nope/,
    );
    await expect(readSpec({ module: join(folder, 'Absent.tla') })).rejects.toMatchObject({
      code: 'no-spec',
    });
  });
});
