import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { commit } from '../commands/commit.ts';
import { copy } from '../commands/copy.ts';
import { exportFiles } from '../commands/export.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { failure } from '../model/problem.ts';
import { formatTask } from '../report/compose.ts';
import { sanitiseField } from '../report/sanitise.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readNumber } from './read-options.ts';
import { inSession } from './session.ts';
import { processStreams } from './user-streams.ts';

/** The commands that carry files out of containers and into them. */

interface CopyOptions {
  readonly all?: true;
  readonly archive?: true;
  readonly followLink?: true;
  readonly index?: string;
}

export function runCopy(
  [source = '', destination = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as CopyOptions;
  return inSession(({ surroundings }) =>
    copy(
      {
        load: loadRequest([], globals, surroundings.signal),
        source,
        destination,
        index: readNumber('--index', options.index) ?? 0,
        all: options.all === true,
        followLink: options.followLink === true,
        keepOwners: options.archive === true,
      },
      {
        input: process.stdin,
        write: (bytes) => processStreams.write('stdout', bytes),
        tell: ({ container, source, destination }, isDone) => {
          const text = `copy ${source} to ${destination}`;
          if (globals.asCompose) tellTask(container, text, isDone ? 'Copied' : 'Copying', globals);
          else if (isDone && destination !== '-') tell(`copied ${source} to ${destination}`);
        },
      },
      surroundings,
    ),
  );
}

interface ExportOptions {
  readonly index?: string;
  readonly output?: string;
}

export function runExport(
  [service = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { index, output = '' } = given as ExportOptions;
  if (output === '' && process.stdout.isTTY === true) {
    throw failure({
      code: 'invalid-option',
      message: 'the files of a container are nothing for a terminal',
      hint: 'name a file with --output, or pipe them somewhere',
    });
  }
  return inSession(async ({ surroundings }) => {
    const load = loadRequest([], globals, surroundings.signal);
    const replica = { load, service, index: readNumber('--index', index) ?? 0 };
    const began = (container: string): void => {
      if (globals.asCompose) tellTask(container, `export ${container} to ${output}`, 'Exporting', globals);
    };
    const content = await exportFiles(replica, began, surroundings);
    if (output === '') for await (const bytes of content) await processStreams.write('stdout', bytes);
    else {
      await writePrivately(output, content);
      if (!globals.asCompose) tell(`wrote the files of ${service} to ${output}`);
    }
    return succeeded;
  });
}

/** Whatever secrets are among the files are for nobody else. */
async function writePrivately(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const target = await open(file, 'w', 0o600).catch((error: Error) => {
    throw failure({ code: 'invalid-option', message: `${file} cannot be written`, cause: error.message });
  });
  if ((await target.stat()).isFile()) await target.chmod(0o600);
  // The stream closes the file.
  await pipeline(content, target.createWriteStream());
}

interface CommitOptions {
  readonly author?: string;
  readonly change?: readonly string[];
  readonly index?: string;
  readonly message?: string;
  /** `--no-pause` */
  readonly pause?: boolean;
}

export function runCommit(
  [service = '', image = '']: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { author = '', change = [], index, message = '', pause = true } = given as CommitOptions;
  return inSession(async ({ surroundings }) => {
    const load = loadRequest([], globals, surroundings.signal);
    const made = await commit(
      {
        load,
        service,
        index: readNumber('--index', index) ?? 0,
        image,
        author,
        message,
        pause,
        changes: change,
        began: (container) => {
          if (globals.asCompose) tellTask(container, `Commit ${container}`, 'Committing', globals);
        },
      },
      surroundings,
    );
    if (globals.asCompose) {
      const { container } = made;
      tellTask(container, `Commit ${container}`, `Committed as ${made.image}`, globals);
    } else tell(`committed ${made.container} as ${made.image}`);
    return succeeded;
  });
}

/** The same in the words of Docker Compose, if anything is to be told. */
function tellTask(id: string, text: string, status: string, { progress }: GlobalOptions): void {
  if (progress === 'quiet') return;
  const task = { id: sanitiseField(id), text: sanitiseField(text), status };
  process.stderr.write(formatTask(task, progress === 'json'));
}

/** What was done, where it does not mix with data. */
function tell(line: string): void {
  process.stderr.write(`${sanitiseField(line)}\n`);
}
