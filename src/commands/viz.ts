import { type LoadRequest, loadStack } from '../load/load.ts';
import type { Problem } from '../model/problem.ts';
import { imageOf, type Service, type Stack } from '../model/stack.ts';
import { compareBytes } from '../plan/printing.ts';

export interface VizOptions {
  readonly load: LoadRequest;
  /** What to say of each service besides its name. */
  readonly networks: boolean;
  readonly ports: boolean;
  readonly image: boolean;
  /** What a line inside the graph begins with. */
  readonly indentation: string;
}

/** The services and what they depend on as a graph for Graphviz, line by line as Docker Compose writes it, but in order of names. */
export async function viz(
  options: VizOptions,
): Promise<{ readonly text: string; readonly warnings: readonly Problem[] }> {
  const { stack, warnings } = await loadStack({ ...options.load, services: [], resolveEnvironment: false });
  const { indentation } = options;
  const services = Object.entries(stack.services).toSorted(([a], [b]) => compareBytes(a, b));
  const nodes = services.map(([name, service]) => nodeOf(stack, name, service, options));
  const edges = services.flatMap(([name, { depends_on = {} }]) =>
    Object.keys(depends_on)
      .toSorted(compareBytes)
      .map((other) => `"${name}" -> "${other}";`),
  );
  const lines = (entries: readonly string[]): string =>
    entries.map((entry) => `${indentation}${entry}\n`).join('');
  const text = `digraph "${stack.name}" {\n${lines(['layout=dot;', ...nodes])}\n${lines(edges)}}\n\n`;
  return { text, warnings };
}

function nodeOf(stack: Stack, name: string, service: Service, options: VizOptions): string {
  const { networks = {}, ports = [] } = service;
  const parts = [
    ...(options.networks && Object.keys(networks).length > 0 ? [part('Networks', byPriority(networks))] : []),
    ...(options.ports && ports.length > 0 ? [part('Ports', ports.map(portOf))] : []),
    ...(options.image ? [part('Image', [imageOf(stack, name, service)])] : []),
  ];
  return `"${name}" [style="filled" label=<<font point-size="15">${name}</font>${parts.join('')}>];`;
}

function part(title: string, lines: readonly string[]): string {
  const told = lines.map((line) => `<br/>${line}`).join('');
  return `<font point-size="10"><br/><br/><b>${title}:</b>${told}</font>`;
}

function byPriority(networks: NonNullable<Service['networks']>): readonly string[] {
  const priorityOf = (name: string): number => networks[name]?.priority ?? 0;
  return Object.keys(networks).toSorted((a, b) => priorityOf(b) - priorityOf(a) || compareBytes(a, b));
}

function portOf({
  host_ip,
  published,
  target,
  protocol,
  mode,
}: NonNullable<Service['ports']>[number]): string {
  const host = host_ip ? `${host_ip}:` : '';
  return `${host}${published ?? ''}:${target} (${protocol ?? ''}, ${mode ?? ''})`;
}
