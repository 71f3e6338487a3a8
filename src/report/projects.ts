import { jsonLine } from './json.ts';
import { formatTable, wideLayout } from './table.ts';

/** A project as the list of `ls` needs it. */
export interface ProjectRow {
  readonly name: string;
  readonly states: readonly (readonly [state: string, count: number])[];
  readonly configFiles: readonly string[];
}

/** The table of `ls`. */
export function formatProjects(projects: readonly ProjectRow[]): string {
  const rows = projects.map((project) => [project.name, statusOf(project), filesOf(project)]);
  return formatTable([['NAME', 'STATUS', 'CONFIG FILES'], ...rows], wideLayout);
}

/** One array. */
export function formatProjectsJson(projects: readonly ProjectRow[]): string {
  return jsonLine(
    projects.map((project) => ({
      Name: project.name,
      Status: statusOf(project),
      ConfigFiles: filesOf(project),
    })),
  );
}

/** `exited(1), running(2)` */
function statusOf({ states }: ProjectRow): string {
  return states.map(([state, count]) => `${state}(${count})`).join(', ');
}

function filesOf({ configFiles }: ProjectRow): string {
  return configFiles.length === 0 ? 'N/A' : configFiles.join(',');
}
