import { html } from 'hono/html';
import { documentOf } from './openapi.ts';
import type { Document, Operation, Schema } from './openapi-types.ts';
import { docsStyle } from './docs-style.ts';
import { route, type Route } from './route.ts';

/** The API for people at `/docs`, made of the same declarations as the document; it loads nothing from anywhere else and runs no script. */
export function docsRoutes(routes: readonly Route[]): readonly Route[] {
  const page = String(pageOf(documentOf(routes)));
  return [
    route(
      {
        method: 'get',
        path: '/docs',
        role: 'anyone',
        about: 'This API, for people',
        answers: { 200: { about: 'A page', type: 'text/html' } },
      },
      () => served(page, 'text/html; charset=utf-8'),
    ),
    route(
      {
        method: 'get',
        path: '/docs/style.css',
        role: 'anyone',
        about: 'How that page looks',
        answers: { 200: { about: 'Styles', type: 'text/css' } },
      },
      () => served(docsStyle, 'text/css; charset=utf-8'),
    ),
  ];
}

const policy = [
  `default-src 'none'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

const served = (text: string, type: string): Response =>
  new Response(text, {
    headers: { 'content-type': type, 'cache-control': 'no-cache', 'content-security-policy': policy },
  });

type Part = ReturnType<typeof html>;

interface Shown {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function pageOf({ info, tags, paths }: Document): Part {
  const all: readonly Shown[] = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ id: operation.operationId, method, path, operation })),
  );
  const sections = tags.map(({ name }) => ({ name, shown: all.filter(({ operation }) => operation.tags[0] === name) }));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Voicechart API</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        <header>
          <a class="brand" href="/console/"><img src="/console/icon.svg" alt="" width="24" height="24" />Voicechart</a>
          <a href="/openapi.json">openapi.json</a>
        </header>
        <div class="page">
          <nav aria-label="Routes">${sections.map(navOf)}</nav>
          <main>
            <h1>API</h1>
            <p>${info.description}</p>
            <p>
              A request carries a key: <code>Authorization: Bearer vck_…</code>. On the machine of the instance,
              <code>npm run -s voicechart -- api-keys create --role operator --name you</code> makes one.
            </p>
            ${sections.map(sectionOf)}
          </main>
        </div>
      </body>
    </html>`;
}

const navOf = ({ name, shown }: { readonly name: string; readonly shown: readonly Shown[] }): Part =>
  html`<h2>${name}</h2>
    <ul>
      ${shown.map(
        ({ id, method, path }) =>
          html`<li>
            <a href="#${id}"><b class="${method}">${method}</b> ${path}</a>
          </li>`,
      )}
    </ul>`;

const sectionOf = ({ name, shown }: { readonly name: string; readonly shown: readonly Shown[] }): Part =>
  html`<section aria-label="${name}">
    <h2>${name}</h2>
    ${shown.map(operationOf)}
  </section>`;

function operationOf({ id, method, path, operation }: Shown): Part {
  const { summary, 'x-role': role, parameters, requestBody, responses } = operation;
  const body = requestBody?.content['application/json'];
  const fields = parameters.map(({ name, in: place, required, schema, description }) =>
    fieldRow(name, schema, required, [place, description].filter(Boolean).join('. ')),
  );
  return html`<article id="${id}">
    <h3><b class="${method}">${method}</b> <code>${path}</code> <span class="role">${role}</span></h3>
    <p>${summary}</p>
    ${fields.length > 0 ? tableOf('Parameters', fields) : ''}
    ${body ? html`${formsOf(body.schema).map((form, index) => tableOf(index > 0 ? 'or' : 'Body', rowsOf(form)))}` : ''}
    ${Object.entries(responses).map(([status, { description, content }]) => answerOf(status, description, content))}
  </article>`;
}

const tableOf = (caption: string, rows: readonly Part[]): Part =>
  html`<table>
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows}
    </tbody>
  </table>`;

const fieldRow = (name: string, schema: Schema, required: boolean, more = schema.description ?? ''): Part =>
  html`<tr>
    <th scope="row"><code>${name}</code>${required ? '' : html` <i>optional</i>`}</th>
    <td>${kindOf(schema)}${more ? html`<br /><span class="soft">${more}</span>` : ''}</td>
  </tr>`;

const rowsOf = ({ properties = {}, required = [] }: Schema): readonly Part[] =>
  Object.entries(properties).map(([name, schema]) => fieldRow(name, schema, required.includes(name)));

/** An object, or each of those it may be. */
const formsOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema];

/** `text, 1 to 256 characters`, and the like. */
function kindOf(schema: Schema): string {
  const { type, enum: words, const: only, minimum, maximum, minLength, maxLength, items, default: usual } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (words) return words.map((word) => JSON.stringify(word)).join(', ');
  const what = items ? `list of ${kindOf(items)}` : (names[String(type)] ?? 'anything');
  const range = rangeOf(minimum, maximum) ?? rangeOf(minLength, maxLength, ' characters');
  return [what, range, usual === undefined ? undefined : `${JSON.stringify(usual)} by default`]
    .filter(Boolean)
    .join(', ');
}

const names: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
  object: 'object',
  array: 'list',
};

function rangeOf(least: number | undefined, most: number | undefined, unit = ''): string | undefined {
  // What a number can hold at most is no limit to tell.
  const [from, to] = [least, most].map((each) =>
    Math.abs(each ?? Infinity) >= 999_999_999_999_999 ? undefined : each,
  );
  if (from !== undefined && to !== undefined) return `${from} to ${to}${unit}`;
  if (to !== undefined) return `at most ${to}${unit}`;
  return from === undefined ? undefined : `at least ${from}${unit}`;
}

function answerOf(status: string, description: string, content: Operation['responses'][string]['content'] = {}): Part {
  const lines = description.split('\n\n').map((line) => /^`(\w+)`: (.*)$/s.exec(line) ?? ['', '', line]);
  const rows = rowsOf(content['application/json']?.schema ?? {});
  return html`<details class="${Number(status) < 400 ? 'good' : 'refusal'}">
    <summary>
      <b>${status}</b> ${lines.map(([, code, text], index) => html`${index > 0 ? ' · ' : ''}${code || text}`)}
    </summary>
    ${lines.filter(([, code]) => code).map(([, code, text]) => html`<p><code>${code}</code> ${text}</p>`)}
    ${rows.length > 0 ? tableOf('', rows) : ''}
  </details>`;
}
