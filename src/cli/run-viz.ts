import { type Outcome, succeeded } from '../commands/outcome.ts';
import { viz } from '../commands/viz.ts';
import { failure } from '../model/problem.ts';
import { printData } from './print.ts';
import { type GlobalOptions, loadRequest } from './program.ts';
import { readNumber } from './read-options.ts';
import { tellPeople } from './tell.ts';

interface Options {
  readonly networks?: true;
  readonly ports?: true;
  readonly image?: true;
  readonly spaces?: true;
  readonly indentationSize?: string;
}

export async function runViz(_: readonly string[], given: object, globals: GlobalOptions): Promise<Outcome> {
  const { networks, ports, image, spaces, indentationSize } = given as Options;
  const size = readNumber('--indentation-size', indentationSize) ?? 1;
  if (size < 0) {
    throw failure({
      code: 'invalid-option',
      message: `invalid indentation size: ${size}`,
      hint: 'it is 0 or more',
    });
  }
  const { text, warnings } = await viz({
    load: loadRequest([], globals),
    networks: networks === true,
    ports: ports === true,
    image: image === true,
    indentation: (spaces === true ? ' ' : '\t').repeat(size),
  });
  tellPeople(warnings, globals);
  printData(text);
  return succeeded;
}
