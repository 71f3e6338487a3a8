import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { firstSeed } from '../helpers/chance.ts';
import { createProject, type TestProject, testLabel } from '../helpers/project.ts';

/** `STACK_TEST_SCRIPTS=200` tries as many. */
const scripts = Number(process.env.STACK_TEST_SCRIPTS ?? 10);

let project: TestProject;

afterEach(() => project.remove());

test(
  'whatever is done to files, in the end a container has what a fresh build would have',
  async () => {
    const common = `build: .\n    init: true\n    labels: [${testLabel}=1]`;
    project = createProject({
      file: `
services:
  web:
    ${common}
    command: [sleep, infinity]
    develop: { watch: [{ action: sync, path: ./src, target: /app/src, ignore: [left] }] }
  fresh:
    ${common}
    profiles: [fresh]
`,
    });
    project.write('Dockerfile', 'FROM busybox\nCOPY src /app/src\n');
    project.write('.dockerignore', 'src/left\nsrc/**/*.log\n');
    project.write('src/kept/file', 'from the beginning');
    const watching = await project.watch(['watch']);
    for (let seed = firstSeed; seed < firstSeed + scripts; seed += 1) {
      await edit(path.join(project.directory, 'src'), numbers(seed));
      const { stdout: wanted, output } = await project.run([
        'run',
        '--rm',
        '--build',
        '-T',
        'fresh',
        ...listing,
      ]);
      expect(wanted, output).toContain('./kept');
      // What is looked for may still be on its way.
      for (const deadline = Date.now() + 60_000; ; await setTimeout(100)) {
        const { stdout: found } = await project.run(['exec', '-T', 'web', ...listing]);
        if (found === wanted) break;
        if (Date.now() > deadline)
          expect(found, `STACK_TEST_SEED=${seed} STACK_TEST_SCRIPTS=1\n${watching.output()}`).toBe(wanted);
      }
    }
  },
  60_000 + scripts * 90_000,
);

/** Names, kinds, links, contents, and whether a file can be executed. */
const listing = [
  'sh',
  '-c',
  `cd /app/src && find . | sort | while IFS= read -r f; do
     if [ -L "$f" ]; then echo "$f -> $(readlink "$f")"
     elif [ -d "$f" ]; then echo "$f/"
     else echo "$f $(test -x "$f" && echo x) $(md5sum < "$f")"; fi
   done`,
];

type Pick = (below: number) => number;

/** Numbers that look random and are always the same for a seed. */
function numbers(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const names = ['a', 'b', 'c d', 'ä', '-x', '.hidden', 'deep', 'left', 'run.log', 'kept'];

/** Does something to the files of a folder, as people, editors and programs do it: at once or with pauses. */
async function edit(root: string, pick: Pick): Promise<void> {
  for (let count = 3 + pick(25); count > 0; count -= 1) {
    const place = somewhere(root, pick);
    const other = somewhere(root, pick);
    const text = `${pick(1_000_000)}`.repeat(1 + pick(50));
    switch (pick(9)) {
      case 0:
      case 1:
        replaceWith(place, () => writeFileSync(place, text));
        break;
      case 2:
        replaceWith(place, () => mkdirSync(place));
        break;
      case 3:
        replaceWith(place, () => symlinkSync(['a', '../b', '/nowhere', 'deep'][pick(4)] ?? '', place));
        break;
      case 4:
        rmSync(place, { recursive: true, force: true });
        break;
      case 5:
        if (existsSync(place) && !`${other}/`.startsWith(`${place}/`) && !`${place}/`.startsWith(`${other}/`))
          replaceWith(other, () => renameSync(place, other));
        break;
      case 6:
        if (lstatSync(place, { throwIfNoEntry: false })?.isFile() === true)
          chmodSync(place, [0o644, 0o755][pick(2)] ?? 0);
        break;
      case 7:
        replaceWith(place, () => {
          writeFileSync(`${place}~`, text);
          renameSync(`${place}~`, place);
        });
        break;
      default:
        replaceWith(place, () => {
          mkdirSync(path.join(place, 'deep', 'deeper'), { recursive: true });
          writeFileSync(path.join(place, 'deep', 'deeper', 'a'), text);
        });
    }
    if (pick(3) === 0) await setTimeout(pick(80));
  }
  // The folder itself is never empty.
  replaceWith(path.join(root, 'kept'), () => mkdirSync(path.join(root, 'kept')));
}

/** A path below the folder, whose own folder is there. */
function somewhere(root: string, pick: Pick): string {
  let folder = root;
  for (let depth = pick(3); depth > 0; depth -= 1) {
    const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const chosen = inside[pick(Math.max(1, inside.length))];
    if (chosen !== undefined) folder = path.join(folder, chosen.name);
  }
  return path.join(folder, names[pick(names.length)] ?? 'a');
}

function replaceWith(place: string, make: () => void): void {
  const there = lstatSync(place, { throwIfNoEntry: false });
  if (there !== undefined) rmSync(place, { recursive: true });
  make();
}
