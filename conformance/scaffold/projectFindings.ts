/** What the project must be: a config that loads, bindings that load, specs that parse, current types. */
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { findConfig, loadConfig } from '../config.ts';
import { typescriptOf } from '../mutating/typescriptParser.ts';
import { UsageError } from '../sources/usageError.ts';
import { readSpec } from '../spec/declarations.ts';
import { staleTypes } from '../types/staleTypes.ts';
import { loadProject, type Project } from '../verify/project.ts';
import { finding, type Finding } from './findings.ts';

export interface ProjectOptions {
  readonly cwd: string;
  readonly config?: string;
  /** Without Java and jar no spec is parsed. */
  readonly tlc: boolean;
  readonly jar?: string;
  readonly signal: AbortSignal;
}

export async function projectFindings(o: ProjectOptions): Promise<Finding[]> {
  const path = configPath(o);
  if (typeof path !== 'string') return [path];
  let project: Project | undefined;
  const config = await finding('config', 'wrong', async () => {
    project = await loadProject(await loadConfig(path));
    const { models, mutants } = project;
    return `${relative(o.cwd, path)}: ${models.length} models, ${mutants.length} mutants`;
  });
  const specs = project === undefined ? [] : await specFindings(project, o);
  const root = dirname(path);
  return [config, ...specs, ...(await packageFindings(root)), ...(await typesFindings(root))];
}

/** What the toolkit takes from the project, and does without until it is asked for. */
async function packageFindings(root: string): Promise<Finding[]> {
  const from = createRequire(join(root, 'package.json'));
  return [
    await finding('vitest', 'absent', () => {
      try {
        return (from('vitest/package.json') as { version: string }).version;
      } catch (cause) {
        const next = 'Suites of bindings (bisim/vitest) need it: npm install --save-dev vitest';
        throw new UsageError('no-vitest', 'not installed', next, cause);
      }
    }),
    await finding('TypeScript', 'absent', () => typescriptOf(root).version),
  ];
}

function configPath({ cwd, config }: ProjectOptions): string | Finding {
  try {
    return findConfig(cwd, config);
  } catch (error) {
    if (config !== undefined || !(error instanceof UsageError)) throw error;
    const next = 'bisim init writes a project that works; check and replay need no config.';
    return { name: 'config', state: 'absent', found: error.message, next };
  }
}

async function specFindings(project: Project, o: ProjectOptions): Promise<Finding[]> {
  const modules = [...new Set(project.models.map(({ module }) => module))];
  if (!o.tlc) {
    const found = `${modules.length} not parsed: that needs Java and TLC`;
    return [{ name: 'specs', state: 'absent', found }];
  }
  const { libraries: libraryPaths, root } = project;
  const jar = o.jar === undefined ? {} : { jar: { jar: o.jar } };
  const findings: Finding[] = [];
  for (const module of modules) {
    if (o.signal.aborted) break;
    const name = relative(root, module);
    findings.push(
      await finding(name, 'wrong', async () => {
        const { variables, operators } = await readSpec({ module, libraryPaths, ...jar });
        return `parses: ${variables.length} variables, ${operators.length} operators`;
      }),
    );
  }
  return findings;
}

async function typesFindings(root: string): Promise<Finding[]> {
  const stale = await staleTypes(root);
  return stale.map(({ path, reason, repeat }) => ({
    name: relative(root, path),
    state: 'stale',
    found: reason,
    next: repeat,
  }));
}
