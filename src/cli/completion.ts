import type { Command, Option } from 'commander';
import { loadRequest } from './program.ts';
import { readTyped, type Typed } from './typed.ts';

/** What can stand in the place of the word that is being typed, and how the shell is to go on. */
interface Proposal {
  readonly candidates: readonly Candidate[];
  readonly directive: number;
}

interface Candidate {
  readonly text: string;
  readonly about?: string;
}

/** What shells are told, as the docker CLI tells it: they may add up. */
const files = 0;
const noSpace = 2;
const noFiles = 4;
const folders = 16;

/**
 * The answer to `__complete WORD…`, of which the last is being typed: a line for each candidate, after a tab what it
 * means, at the end `:` and how to go on. The engine is not asked, and a file that is wrong only gives no names.
 */
export async function complete(words: readonly string[], program: Command): Promise<string> {
  const current = words.at(-1) ?? '';
  const { candidates, directive } = await propose(readTyped(words.slice(0, -1), program), current, program);
  const wanted = current.startsWith('--') ? current.slice(current.indexOf('=') + 1) : current;
  const lines = candidates
    .filter(({ text }) => text.startsWith(wanted))
    .map(({ text, about }) => `${text}${about === undefined ? '' : `\t${about}`}\n`);
  return `${lines.join('')}:${directive}\n`;
}

async function propose(typed: Typed, current: string, program: Command): Promise<Proposal> {
  const { command, pending, isOver } = typed;
  if (pending !== undefined) return proposeValue(pending, typed, program);
  const [, flag] = /^(--[^=]+)=/.exec(current) ?? [];
  const given = isOver ? undefined : command.options.find(({ long }) => long === flag);
  if (given !== undefined) return proposeValue(given, typed, program);
  if (current.startsWith('-') && !isOver) return { candidates: flagsOf(command), directive: noFiles };
  if (command === program) return { candidates: commandsOf(program), directive: noFiles };
  return proposeOperand(typed, program);
}

/** What some options take that is neither in a file nor on the disk. */
const choices: Readonly<Record<string, readonly string[]>> = {
  '--ansi': ['auto', 'always', 'never'],
  '--progress': ['auto', 'tty', 'plain', 'json', 'quiet'],
  '--pull': ['always', 'missing', 'never', 'policy'],
  '--policy': ['always', 'missing'],
  '--protocol': ['tcp', 'udp'],
  '--rmi': ['local', 'all'],
  '--ui': ['inline', 'full', 'plain', 'json'],
  '--signal': ['SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'],
  '--status': ['created', 'dead', 'exited', 'paused', 'removing', 'restarting', 'running'],
};

const ofServices = ['--attach', '--exit-code-from', '--hash', '--no-attach'];

async function proposeValue(option: Option, typed: Typed, program: Command): Promise<Proposal> {
  const { long = '', flags } = option;
  if (long === '--profile') {
    const { profiles } = await namesFor(typed);
    return { candidates: [...profiles, '*'].map(textOnly), directive: noFiles };
  }
  if (long === '--format') {
    const known = typed.command.name() === 'config' ? ['yaml', 'json'] : ['table', 'json'];
    return { candidates: known.map(textOnly), directive: noFiles };
  }
  if (ofServices.includes(long))
    return { candidates: (await namesFor(typed)).services.map(textOnly), directive: noFiles };
  if (long === '--scale') return proposeScales(typed);
  if (choices[long] !== undefined) return { candidates: choices[long].map(textOnly), directive: noFiles };
  if (/<(?:path|file)>/.test(flags)) return { candidates: [], directive: files };
  const isFolder = program.options.includes(option) && flags.includes('<folder>');
  return { candidates: [], directive: isFolder ? folders : noFiles };
}

async function proposeOperand(typed: Typed, program: Command): Promise<Proposal> {
  const { command, operands } = typed;
  const { registeredArguments: takes } = command;
  const argument = takes[operands.length] ?? (takes.at(-1)?.variadic ? takes.at(-1) : undefined);
  const name = argument?.name() ?? '';
  if (name === 'shell') return { candidates: ['bash', 'zsh', 'fish'].map(textOnly), directive: noFiles };
  if (command.name() === 'help') return { candidates: commandsOf(program), directive: noFiles };
  if (name.startsWith('SERVICE=')) return proposeScales(typed);
  if (name === 'SERVICE') {
    const left = (await namesFor(typed)).services.filter((service) => !operands.includes(service));
    return { candidates: left.map(textOnly), directive: noFiles };
  }
  if (name === 'SOURCE' || name === 'DESTINATION') {
    const { services } = await namesFor(typed);
    return { candidates: services.map((service) => ({ text: `${service}:` })), directive: noSpace };
  }
  return { candidates: [], directive: argument === undefined ? noFiles : files };
}

async function proposeScales(typed: Typed): Promise<Proposal> {
  const { services } = await namesFor(typed);
  return { candidates: services.map((service) => ({ text: `${service}=` })), directive: noSpace + noFiles };
}

function textOnly(text: string): Candidate {
  return { text };
}

function flagsOf({ options }: Command): readonly Candidate[] {
  return options
    .filter(({ hidden, long }) => !hidden && long !== undefined)
    .map(({ long = '', description }) => ({ text: long, about: description }));
}

function commandsOf(program: Command): readonly Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ text: command.name(), about: command.description() }));
}

/** Names of the stack file that the words speak of, also of what no profile has switched on. */
async function namesFor({
  globals,
}: Typed): Promise<{ readonly services: readonly string[]; readonly profiles: readonly string[] }> {
  // What comes over standard input is not there yet.
  if (globals.file?.includes('-')) return { services: [], profiles: [] };
  const request = {
    ...loadRequest([], globals),
    profiles: ['*'],
    normalize: false,
    consistency: false,
    resolveEnvironment: false,
  };
  try {
    const { loadStack } = await import('../load/load.ts');
    const { stack, profiles } = await loadStack(request);
    const harmless = (name: string): boolean => /^[\w.-]+$/.test(name);
    return {
      services: Object.keys(stack.services).filter(harmless).toSorted(),
      profiles: profiles.filter(harmless),
    };
  } catch {
    return { services: [], profiles: [] };
  }
}
