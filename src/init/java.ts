import type { Folder } from './folder.ts';
import type { Described } from './program.ts';
import { portInSources } from './source.ts';

/** How a Java program that Maven packages into one file is built and started. */
export function javaProgram(folder: Folder): Described | undefined {
  const project = folder.texts.get('pom.xml');
  if (project === undefined) return undefined;
  const [, version = '21'] = /<(?:java\.version|maven\.compiler\.release)>(\d+)</.exec(project) ?? [];
  const isSpring = project.includes('spring-boot-maven-plugin');
  const port = portInSources(folder, /\.(?:properties|ya?ml)$/, [/server\.port\s*[=:]\s*(\d+)/]);
  return {
    what: `Java ${version}`,
    because: 'pom.xml',
    // Only what is packaged with all it needs can be started as it is.
    ...(isSpring && { command: ['java', '-jar', '/app.jar'], port: port ?? 8080 }),
    dockerfile: [
      `FROM maven:3-eclipse-temurin-${version} AS build`,
      'WORKDIR /src',
      'COPY . .',
      'RUN mvn -q -B -DskipTests package && rm -f target/*-sources.jar target/*-javadoc.jar',
      '',
      `FROM eclipse-temurin:${version}-jre`,
      'COPY --from=build /src/target/*.jar /app.jar',
    ],
    ignored: ['target'],
    libraries: [...project.matchAll(/<artifactId>([\w.-]+)</g)].map(([, name = '']) => name),
  };
}
