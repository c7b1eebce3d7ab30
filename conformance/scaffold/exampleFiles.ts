/**
 * The project that `bisim init` writes: a lock with a line of waiting clients, as spec, code, binding,
 * test and CI. Small on purpose: it is read once and then replaced. What must hold: it passes as it is.
 */
const spec = String.raw`-------------------------------- MODULE Lock --------------------------------
(***************************************************************************)
(* A lock with a line of clients that wait for it.  Replace this module by *)
(* your own protocol; keep Next as it is built: each line one action, over *)
(* constant sets.  What depends on the state is chosen inside an action.   *)
(***************************************************************************)
EXTENDS Naturals, Sequences

CONSTANTS
  Clients, \* those who may want the lock
  Nobody   \* the holder of a free lock

ASSUME Nobody \notin Clients

VARIABLES
  holder, \* who has the lock, or Nobody
  line    \* who waits for it, the next one first

vars == <<holder, line>>

Waiting == {line[i] : i \in 1..Len(line)}

TypeOK ==
  /\ holder \in Clients \cup {Nobody}
  /\ line \in Seq(Clients)

Init ==
  /\ holder = Nobody
  /\ line = <<>>

(* Client c, who neither has the lock nor waits for it, joins the line. *)
Ask(c) ==
  /\ c # holder
  /\ c \notin Waiting
  /\ line' = Append(line, c)
  /\ UNCHANGED holder

(* The lock is free: the first in line gets it. *)
Grant ==
  /\ holder = Nobody
  /\ line # <<>>
  /\ holder' = Head(line)
  /\ line' = Tail(line)

(* Client c gives the lock back. *)
GiveBack(c) ==
  /\ holder = c
  /\ holder' = Nobody
  /\ UNCHANGED line

Next ==
  \/ \E c \in Clients : Ask(c)
  \/ Grant
  \/ \E c \in Clients : GiveBack(c)

Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ WF_vars(Grant)
  /\ \A c \in Clients : WF_vars(GiveBack(c))

(* Nobody waits for what they have, or twice. *)
LineInv ==
  /\ holder \notin Waiting
  /\ \A i, j \in 1..Len(line) : line[i] = line[j] => i = j

(* Whoever waits gets the lock in the end. *)
ServedProp == \A c \in Clients : c \in Waiting ~> holder = c
=============================================================================
`;

const cfg = `SPECIFICATION Spec
CONSTANTS
  Clients = {"ann", "bob", "cy"}
  Nobody = "nobody"
INVARIANTS
  TypeOK
  LineInv
PROPERTIES
  ServedProp
CHECK_DEADLOCK TRUE
`;

const models = {
  models: [
    {
      model: 'Lock',
      cfg: 'Lock.cfg',
      mode: 'check',
      replay: true,
      expect: { verdict: 'ok', distinct: 31 },
      about: 'Three clients: everybody is served.',
    },
  ],
  mutants: 'mutants.json',
};

const mutants = [
  {
    id: 'spec-jump-the-line',
    title: 'a client that waits may ask again',
    file: 'specs/Lock.tla',
    find: '  /\\ c \\notin Waiting\n',
    replace: '',
    killedBy: 'Lock',
    property: 'LineInv',
    control: 'Lock',
  },
  {
    id: 'code-keep-the-line',
    title: 'the client that gets the lock goes on waiting',
    file: 'src/lock.ts',
    find: 'line: rest',
    replace: 'line: lock.line',
    killedBy: 'Lock',
    property: 'replay',
    control: 'Lock',
  },
];

const code = `/** A lock with a line. Each function is one step; \`undefined\` says that it is not possible now. */
export interface Lock {
  readonly holder: string | undefined;
  readonly line: readonly string[];
}

export const free: Lock = { holder: undefined, line: [] };

export function ask(lock: Lock, client: string): Lock | undefined {
  if (lock.holder === client || lock.line.includes(client)) return undefined;
  return { ...lock, line: [...lock.line, client] };
}

export function grant(lock: Lock): Lock | undefined {
  const [first, ...rest] = lock.line;
  if (lock.holder !== undefined || first === undefined) return undefined;
  return { holder: first, line: rest };
}

export function giveBack(lock: Lock, client: string): Lock | undefined {
  return lock.holder === client ? { ...lock, holder: undefined } : undefined;
}
`;

const binding = `/** Which step of the code is which action of specs/Lock.tla, and how its state looks there. */
import { defineBinding } from 'bisim';
import { ask, free, giveBack, grant, type Lock } from '../src/lock.ts';

export const lock = defineBinding<Lock>({
  name: 'lock',
  spec: 'specs/Lock.tla',
  model: 'specs/Lock.cfg',
  init: () => free,
  view: ({ holder, line }) => ({ holder: holder ?? 'nobody', line }),
  actions: {
    Ask: (state, { c }: { c: string }) => ask(state, c),
    Grant: (state) => grant(state),
    GiveBack: (state, { c }: { c: string }) => giveBack(state, c),
  },
});
`;

const test = `/** Every edge of the model's state graph on the code, in both directions. */
import { conformanceSuite } from 'bisim/vitest';
import { lock } from './lockBinding.ts';

conformanceSuite(lock);
`;

const config = `import { defineConfig } from 'bisim';

export default defineConfig({
  rooms: [{ specs: 'specs', binding: 'test/lockBinding.ts', code: ['src'] }],
});
`;

const vitestConfig = `import { bisimPlugin } from 'bisim/vitest';
import { defineConfig } from 'vitest/config';

// With the plugin, vitest in watch mode also runs again what a changed spec concerns.
export default defineConfig({ plugins: [bisimPlugin()] });
`;

const tsconfig = {
  compilerOptions: {
    target: 'ES2023',
    module: 'nodenext',
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
  },
  include: ['src', 'test', '*.ts', '*.mts'],
};

const workflow = `name: conformance
on: [push, pull_request]
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - uses: actions/setup-java@v4
        with:
          distribution: temurin
          java-version: 21
      - uses: actions/cache@v4
        with:
          path: .bisim-cache
          key: bisim-\${{ github.sha }}
          restore-keys: bisim-
      - run: npm ci
      - run: npm test
        env:
          BISIM_CACHE: .bisim-cache
      # Annotations and the summary of the job come by themselves here.
      - run: npx bisim verify --reporter text --reporter html=reports/bisim.html
        env:
          BISIM_CACHE: .bisim-cache
      - if: always()
        uses: actions/upload-artifact@v4
        with:
          name: conformance
          path: reports/
          if-no-files-found: ignore
`;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The example itself, by path from the project's folder. */
export const exampleFiles: Readonly<Record<string, string>> = {
  'specs/Lock.tla': spec,
  'specs/Lock.cfg': cfg,
  'specs/models.json': json(models),
  'specs/mutants.json': json(mutants),
  'src/lock.ts': code,
  'test/lockBinding.ts': binding,
  'test/lock.test.ts': test,
  'bisim.config.ts': config,
  '.github/workflows/conformance.yml': workflow,
};

export interface SurroundingFile {
  readonly path: string;
  readonly text: string;
  /** Where one of these is there, it is kept and the file is not written. */
  readonly instead: readonly string[];
  /** What to see to then. */
  readonly note: string;
}

const configsOf = (name: string): string[] =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `${name}.config.${ending}`);

/** What most projects have one of already. */
export const surroundingFiles: readonly SurroundingFile[] = [
  {
    path: 'vitest.config.mts',
    text: vitestConfig,
    instead: [...configsOf('vitest'), ...configsOf('vite')],
    note: 'add bisimPlugin() of bisim/vitest to its plugins, so that watch mode sees changed specs',
  },
  {
    path: 'tsconfig.json',
    text: json(tsconfig),
    instead: ['tsconfig.json'],
    note: 'the example imports by .ts; tsc needs allowImportingTsExtensions with noEmit for that',
  },
  {
    path: '.gitignore',
    text: ['node_modules/', '.bisim-cache/', 'reports/', ''].join('\n'),
    instead: ['.gitignore'],
    note: 'add .bisim-cache/ and reports/ to it',
  },
];
