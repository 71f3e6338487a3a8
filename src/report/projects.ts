import type { PublishedPort } from '../model/observed.ts';
import { addressesOf } from './addresses.ts';
import { jsonLine } from './json.ts';
import { formatAge } from './moments.ts';
import { formatBinarySize, formatSize } from './sizes.ts';
import { denseLayout, formatTable, wideLayout } from './table.ts';

/** A project as the list of `ls` needs it. */
export interface ProjectRow {
  readonly name: string;
  readonly states: readonly (readonly [state: string, count: number])[];
  readonly configFiles: readonly string[];
  readonly folder?: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly ports: readonly PublishedPort[];
  readonly usage?: { readonly cpuPercent: number; readonly memory: number; readonly disk?: number };
}

export interface ProjectsOptions {
  /** Nothing but what Docker Compose tells. */
  readonly asCompose: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The table of `ls`. */
export function formatProjects(projects: readonly ProjectRow[], { asCompose, now }: ProjectsOptions): string {
  if (asCompose) {
    const rows = projects.map((project) => [project.name, statusOf(project), filesOf(project)]);
    return formatTable([['NAME', 'STATUS', 'CONFIG FILES'], ...rows], wideLayout);
  }
  const isMeasured = projects.some(({ usage }) => usage !== undefined);
  const rows = projects.map((project) => [
    project.name,
    statusOf(project),
    formatAge(now / 1000 - project.created),
    ...(isMeasured ? usageOf(project) : []),
    urlsOf(project).join(', '),
    project.folder ?? 'N/A',
    filesOf(project),
  ]);
  const measured = isMeasured ? ['CPU %', 'MEMORY', 'DISK'] : [];
  return formatTable(
    [['NAME', 'STATUS', 'AGE', ...measured, 'URLS', 'FOLDER', 'CONFIG FILES'], ...rows],
    denseLayout,
  );
}

/** One array. */
export function formatProjectsJson(projects: readonly ProjectRow[], { asCompose }: ProjectsOptions): string {
  return jsonLine(
    projects.map((project) => ({
      Name: project.name,
      Status: statusOf(project),
      ConfigFiles: filesOf(project),
      ...(asCompose
        ? {}
        : {
            Folder: project.folder ?? '',
            Created: project.created,
            URLs: urlsOf(project),
            ...(project.usage === undefined
              ? {}
              : {
                  CPUPercent: project.usage.cpuPercent,
                  Memory: project.usage.memory,
                  Disk: project.usage.disk ?? null,
                }),
          }),
    })),
  );
}

function usageOf({ usage }: ProjectRow): readonly string[] {
  if (usage === undefined) return ['', '', ''];
  const { cpuPercent, memory, disk } = usage;
  return [
    `${cpuPercent.toFixed(2)}%`,
    formatBinarySize(memory),
    disk === undefined ? 'N/A' : formatSize(disk),
  ];
}

function urlsOf({ ports }: ProjectRow): readonly string[] {
  return addressesOf(ports).map(({ text }) => text);
}

/** `exited(1), running(2)` */
function statusOf({ states }: ProjectRow): string {
  return states.map(([state, count]) => `${state}(${count})`).join(', ');
}

function filesOf({ configFiles }: ProjectRow): string {
  return configFiles.length === 0 ? 'N/A' : configFiles.join(',');
}
