import { expect, test } from 'vitest';
import { parseTemplate } from '../../src/report/go-template.ts';

const data = {
  Name: 'shop-web-1',
  State: 'running',
  Health: '',
  ExitCode: 3,
  Publishers: [
    { URL: '0.0.0.0', Port: 80 },
    { URL: '::', Port: 80 },
  ],
  None: [],
  Label: (key: string) => (key === 'tier' ? 'front' : ''),
};

const rendered = (source: string): string => parseTemplate(source).render(data);

test.each([
  ['{{.Name}}: {{ .State }}', 'shop-web-1: running'],
  ['{{.Name}}\\t{{.State}}\\n', 'shop-web-1\trunning\n'],
  ['{{json .Publishers}}', '[{"URL":"0.0.0.0","Port":80},{"URL":"::","Port":80}]'],
  ['{{.Publishers}}', '[{0.0.0.0 80} {:: 80}]'],
  ['{{.Label "tier"}}{{.Label `none`}}', 'front'],
  ['{{.Name | upper | printf "%s!"}}', 'SHOP-WEB-1!'],
  ['{{upper .Name}} {{title .Name}} {{truncate .Name 4}}', 'SHOP-WEB-1 Shop-Web-1 shop'],
  ['{{join (split .Name "-") "/"}} {{index (split .Name "-") 1}}', 'shop/web/1 web'],
  ['{{printf "%-12s|%q|%d" .Name .State .ExitCode}}', 'shop-web-1  |"running"|3'],
  ['{{pad .Name 1 2}}|{{pad .Health 1 2}}|', ' shop-web-1  ||'],
  ['{{if eq .State "running" "paused"}}up{{else}}down{{end}}', 'up'],
  ['{{if .Health}}a{{else if gt .ExitCode 2}}b{{else}}c{{end}}', 'b'],
  ['{{if and .Name (not .Health)}}x{{end}}', 'x'],
  ['{{or .Health "none"}}', 'none'],
  [
    '{{range .Publishers}}[{{.URL}} of {{$.Name}}]{{else}}none{{end}}',
    '[0.0.0.0 of shop-web-1][:: of shop-web-1]',
  ],
  ['{{range .None}}x{{else}}none{{end}}', 'none'],
  ['{{with .State}}<{{.}}>{{end}}{{with .Health}}no{{end}}', '<running>'],
  ['a {{- .State -}} b', 'arunningb'],
  ['{{/* a }} comment */}}{{"}}"}}', '}}'],
  ['{{(index .Publishers 1).URL}} {{len .Publishers}}', ':: 2'],
  ['{{println .Name 1}}', 'shop-web-1 1\n'],
])('%s', (source, text) => {
  expect(rendered(source)).toBe(text);
});

test.each([
  ['{{.Nmae}}', /field Nmae/],
  ['{{.Name', /unclosed action/],
  ['{{upperr .Name}}', /function "upperr" not defined/],
  ['{{constructor}}', /function "constructor" not defined/],
  ['{{.constructor}}', /field constructor/],
  ['{{if .Name}}x', /end/],
  ['{{end}}', /unexpected \{\{end/],
  ['{{}}', /missing value/],
  ['{{$x := .Name}}', /unexpected/],
  ['{{(.Name}}', /\) is missing/],
])('%s is told', (source, message) => {
  expect(() => rendered(source)).toThrow(message);
});
