/**
 * Looks at what is to be checked before any JVM starts. What must hold: a cfg that sets constants
 * the spec never mentions is refused as another spec's, and numbers that TLC cannot hold are too.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { SpecFiles } from '../project/specFiles.ts';
import { specClosure } from '../sources/specClosure.ts';
import { UsageError } from '../sources/usageError.ts';
import { parseCfg, type Cfg } from '../spec/cfg.ts';
import { SpecError } from '../spec/specError.ts';
import { specBytesMax } from '../tlc/stage.ts';

/** The largest integer TLC can hold. */
const integerMax = 2n ** 31n - 1n;

export interface CheckedSpec {
  readonly files: SpecFiles;
  /** Absolute paths of the module and all it may extend, sorted. */
  readonly closure: readonly string[];
  readonly cfgText: string;
  /** Absent where the cfg does not parse: TLC then says what is wrong with it. */
  readonly cfg?: Cfg;
}

export function checkedSpec(files: SpecFiles): CheckedSpec {
  const closure = specClosure(files.module, files.libraryPaths).files;
  const cfgText = readFileSync(files.cfg, 'utf8');
  const cfg = parsed(cfgText, basename(files.cfg));
  if (cfg) {
    refuseLargeNumbers(cfg, files.cfg);
    refuseOtherConstants(cfg, files, closure);
  }
  return { files, closure, cfgText, ...(cfg ? { cfg } : {}) };
}

function parsed(text: string, name: string): Cfg | undefined {
  try {
    return parseCfg(text, name);
  } catch (error) {
    if (error instanceof SpecError) return undefined;
    throw error;
  }
}

/** TLC's integers have 32 bits; what it makes of more is a NumberFormatException. */
function refuseLargeNumbers(cfg: Cfg, path: string): void {
  for (const { name, value } of cfg.constants) {
    const numbers = value.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/(?<!\w)-?\d+(?!\w)/g) ?? [];
    const large = numbers.find((digits) => {
      const integer = BigInt(digits);
      return integer > integerMax || integer < -integerMax - 1n;
    });
    if (large === undefined) continue;
    throw new UsageError(
      'large-integer',
      `${path}: ${name} holds ${large}, but TLC's integers have 32 bits`,
      'Use a smaller number; let times be relative, in milliseconds.',
    );
  }
}

/** TLC passes such a cfg in silence (measured), and then checks something else than was meant. */
function refuseOtherConstants(cfg: Cfg, files: SpecFiles, closure: readonly string[]): void {
  const words = new Set<string>();
  for (const path of closure) {
    if (statSync(path).size > specBytesMax) continue;
    for (const [word] of readFileSync(path, 'utf8').matchAll(/\w+/g)) words.add(word);
  }
  const strange = cfg.constants.filter(({ name }) => !words.has(name)).map(({ name }) => name);
  if (strange.length === 0) return;
  throw new UsageError(
    'other-cfg',
    `${files.cfg} sets ${strange.join(', ')}, which ${basename(files.module)} never mentions`,
    'Is it the cfg of another spec? Name the right one by --config, or remove these lines.',
  );
}
