import { type ConfigOptions, config, type Shown } from '../commands/config.ts';
import {
  type ConfigList,
  configEnvironment,
  configHashes,
  configList,
  configVariables,
  type ListOptions,
} from '../commands/config-lists.ts';
import { configOrigin } from '../commands/origin.ts';
import { type Outcome, succeeded } from '../commands/outcome.ts';
import { upgrade } from '../commands/upgrade.ts';
import type { LoadRequest } from '../load/load.ts';
import { maskValue, secretsAmong } from '../model/masking.ts';
import { failure } from '../model/problem.ts';
import { formatOrigins, originsData } from '../report/origins.ts';
import { inLittleRoom } from './memory.ts';
import { writeOutput } from './output.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { hidesSecrets, tellMasked } from './secrets.ts';
import { settingsInUse } from './settings.ts';
import { tellPeople, wantsColour } from './tell.ts';

interface Options {
  readonly format?: string;
  readonly quiet?: true;
  readonly output?: string;
  readonly dryRun?: true;
  readonly services?: true;
  readonly volumes?: true;
  readonly networks?: true;
  readonly models?: true;
  readonly hash?: string;
  readonly profiles?: true;
  readonly images?: true;
  readonly variables?: true;
  readonly environment?: true;
  /** `--no-interpolate` and the like. */
  readonly interpolate: boolean;
  readonly normalize: boolean;
  readonly pathResolution: boolean;
  readonly consistency: boolean;
  readonly envResolution: boolean;
  readonly resolveImageDigests?: true;
  readonly lockImageDigests?: true;
  readonly origin?: string;
  readonly upgrade?: true;
  readonly showSecrets?: true;
}

/** Which option decides if there are several, as with Docker Compose. */
const lists: readonly ConfigList[] = ['services', 'volumes', 'networks', 'models'];
const laterLists: readonly ConfigList[] = ['profiles', 'images'];

export async function runConfig(
  services: readonly string[],
  given: object,
  globals: GlobalOptions,
): Promise<Outcome> {
  const options = given as Options;
  const load = requestOf(services, options, globals);
  if (options.upgrade === true) {
    const { text, warnings } = await upgrade(load);
    tellPeople(warnings, globals);
    await put(text, options);
    return succeeded;
  }
  if (options.origin !== undefined) return tellOrigin(options.origin, load, options, globals);
  const listing: ListOptions = { asWritten: !options.interpolate };
  const list = lists.find((one) => options[one] === true);
  if (list !== undefined) return tellLines(configList(list, load, listing), globals);
  if (options.hash) return tellLines(configHashes(options.hash, load), globals);
  const laterList = laterLists.find((one) => options[one] === true);
  if (laterList !== undefined) return tellLines(configList(laterList, load, listing), globals);
  if (options.variables === true) {
    const format = formatOf(options, globals, ['table', 'yaml', 'json'] as const);
    const { text, warnings, masked } = await configVariables(format, load, hidesSecrets(options));
    tellPeople(warnings, globals);
    printData(text);
    if (options.quiet !== true) tellMasked(masked);
    return succeeded;
  }
  if (options.environment === true) return tellEnvironment(load, options, globals);
  const shown = await wholeConfig(load, options, globals);
  if ('exitCode' in shown) return shown;
  const { text, warnings, masked, tellsSecrets } = shown;
  tellPeople(warnings, globals);
  await put(text, options);
  if (options.quiet !== true) tellMasked(masked);
  // Which image a name stands for may be another one at any time.
  const isLasting = options.resolveImageDigests !== true && options.lockImageDigests !== true;
  if (isLasting) settingsInUse().witness?.vouch(tellsSecrets);
  return succeeded;
}

function requestOf(services: readonly string[], options: Options, globals: GlobalOptions): LoadRequest {
  return {
    ...loadRequest(services, globals),
    defaultPlatform: false,
    // As with Docker Compose, the option does this, but not the variable for it.
    ...(options.normalize && globals.compatibility !== true ? {} : { normalize: false as const }),
    ...(options.pathResolution ? {} : { resolvePaths: false as const }),
    ...(options.consistency ? {} : { consistency: false as const }),
    ...(options.envResolution ? {} : { keepEnvFiles: true }),
  };
}

async function wholeConfig(
  load: LoadRequest,
  options: Options,
  globals: GlobalOptions,
): Promise<Shown | Outcome> {
  const request: ConfigOptions = {
    load,
    format: formatOf(options, globals, ['yaml', 'json'] as const),
    asWritten: !options.interpolate,
    onlyImages: options.lockImageDigests === true,
    masked: hidesSecrets(options),
  };
  if (options.lockImageDigests !== true && options.resolveImageDigests !== true) {
    return inLittleRoom(() => config(request));
  }
  let shown: Shown | undefined;
  // Only digests need an engine, and what talks to it takes a while to load.
  const { inSession } = await import('./session.ts');
  const outcome = await inSession(async ({ surroundings: { runtime, signal } }) => {
    shown = await config({ ...request, resolveDigest: (image) => runtime.imageDigest(image, signal) });
    return succeeded;
  });
  return shown ?? outcome;
}

/** The first of the formats is what is meant without one. */
function formatOf<Format extends string>(
  { format = '' }: Options,
  { json }: GlobalOptions,
  known: readonly [Format, ...Format[]],
): Format {
  const wanted = format === '' && json === true ? 'json' : format;
  if (wanted === '') return known[0];
  const found = known.find((one) => one === wanted);
  if (found !== undefined) return found;
  throw failure({
    code: 'invalid-option',
    message: `there is no format \`${format}\``,
    hint: `the formats are ${known.join(', ')}`,
  });
}

async function tellLines(
  listing: Promise<{
    readonly lines: readonly string[];
    readonly warnings: Parameters<typeof tellPeople>[0];
  }>,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { lines, warnings } = await listing;
  tellPeople(warnings, globals);
  printData(lines.map((line) => `${line}\n`).join(''));
  return succeeded;
}

async function tellEnvironment(
  load: LoadRequest,
  options: Options,
  globals: GlobalOptions,
): Promise<Outcome> {
  const { variables, warnings } = await configEnvironment(load);
  const known = hidesSecrets(options) ? secretsAmong(new Map(variables)) : [];
  const shown = variables.map(([name, value]) =>
    hidesSecrets(options) ? maskValue(name, value, known) : value,
  );
  tellPeople(warnings, globals);
  printData(variables.map(([name], index) => `${name}=${shown[index]}\n`).join(''));
  const masked = variables.filter(([, value], index) => shown[index] !== value).length;
  if (options.quiet !== true) tellMasked(masked);
  return succeeded;
}

async function tellOrigin(
  path: string,
  load: LoadRequest,
  options: Options,
  globals: GlobalOptions,
): Promise<Outcome> {
  const format = formatOf(options, globals, ['text', 'json'] as const);
  const { origins, warnings, masked } = await configOrigin(path, load, hidesSecrets(options));
  tellPeople(warnings, globals);
  const colour = (options.output ?? '') === '' && wantsColour(process.stdout, globals);
  const text =
    format === 'json'
      ? `${JSON.stringify(originsData(origins), undefined, 2)}\n`
      : formatOrigins(origins, { colour, directory: process.cwd() });
  await put(text, options);
  if (options.quiet !== true) tellMasked(masked);
  return succeeded;
}

async function put(text: string, { quiet, dryRun, output = '' }: Options): Promise<void> {
  if (quiet === true || text === '') return;
  if (output !== '' && dryRun !== true) return await writeOutput(output, text);
  printData(text);
  // As with Docker Compose, JSON has no line end; a prompt is not to stand beside it.
  if (process.stdout.isTTY === true && !text.endsWith('\n')) process.stdout.write('\n');
}
