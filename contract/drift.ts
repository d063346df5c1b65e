/**
 * What a deployment's contract has that our clients cannot live with. Additions they pass over, in requests and in
 * answers, but for one: a new word where they know a closed set.
 */
import { resolve, type Content, type Document, type Operation, type Schema } from './document.ts';

/** Whether clients send it, or read it. */
type Way = 'sent' | 'read';

/** @returns a sentence for each drift; none where our clients work with it */
export function driftOf(ours: Document, theirs: Document): string[] {
  return Object.entries(ours.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const other = theirs.paths[path]?.[method];
      return other
        ? operationDrift(name, operation, other, { ours, theirs })
        : [`${name} is not there any more.`];
    })
  );
}

interface Documents {
  readonly ours: Document;
  readonly theirs: Document;
}

function operationDrift(
  name: string,
  ours: Operation,
  theirs: Operation,
  documents: Documents
): string[] {
  return [
    ...parameterDrift(name, ours, theirs, documents),
    ...contentDrift(
      `The body of ${name}`,
      'sent',
      ours.requestBody?.content,
      theirs.requestBody?.content,
      documents
    ),
    ...Object.entries(ours.responses).flatMap(([status, { content }]) => {
      const other = theirs.responses[status];
      const what = `The answer ${status} of ${name}`;
      if (!other) {
        return status.startsWith('2') ? [`${what} is not there any more.`] : [];
      }
      return contentDrift(what, 'read', content, other.content, documents);
    })
  ];
}

function parameterDrift(
  name: string,
  ours: Operation,
  theirs: Operation,
  documents: Documents
): string[] {
  const keyOf = ({ in: place, name: key }: { in: string; name: string }) => `${place} ${key}`;
  const known = new Map((ours.parameters ?? []).map(one => [keyOf(one), one]));
  const there = new Map((theirs.parameters ?? []).map(one => [keyOf(one), one]));
  return [
    ...[...known].flatMap(([key, one]) => {
      const other = there.get(key);
      return other
        ? schemaDrift(
            `The parameter ${one.name} of ${name}`,
            'sent',
            one.schema,
            other.schema,
            documents
          )
        : [`${name} takes the parameter ${one.name} no more.`];
    }),
    ...[...there]
      .filter(([key, { required }]) => required && !known.get(key)?.required)
      .map(([, one]) => `${name} now needs the parameter ${one.name}.`)
  ];
}

function contentDrift(
  what: string,
  way: Way,
  ours: Content | undefined,
  theirs: Content | undefined,
  documents: Documents
): string[] {
  const isNew = way === 'sent' && !ours && theirs;
  return [
    ...(isNew ? [`${what} is needed now.`] : []),
    ...Object.entries(ours ?? {}).flatMap(([type, { schema = {} }]) => {
      const other = theirs?.[type];
      return other
        ? schemaDrift(what, way, schema, other.schema ?? {}, documents)
        : [`${what} is ${type} no more.`];
    })
  ];
}

function schemaDrift(
  what: string,
  way: Way,
  ours: Schema,
  theirs: Schema,
  documents: Documents
): string[] {
  const known = variantsOf(ours, documents.ours);
  const there = variantsOf(theirs, documents.theirs);
  // What is sent must be taken; what is read must be known.
  const [given, taken] = way === 'sent' ? [known, there] : [there, known];
  return [
    ...given
      .filter(one => !taken.some(other => kindOf(other) === kindOf(one)))
      .map(one =>
        way === 'sent'
          ? `${what} may not be ${kindOf(one)} any more.`
          : `${what} may be ${kindOf(one)} now.`
      ),
    ...known.flatMap(one => {
      const other = there.find(candidate => kindOf(candidate) === kindOf(one));
      return other
        ? [
            ...wordDrift(what, way, one, other),
            ...propertyDrift(what, way, one, other, documents),
            ...(one.items && other.items
              ? schemaDrift(`Each of ${what}`, way, one.items, other.items, documents)
              : [])
          ]
        : [];
    })
  ];
}

function wordDrift(what: string, way: Way, ours: Schema, theirs: Schema): string[] {
  const [given, taken] = way === 'sent' ? [ours.enum, theirs.enum] : [theirs.enum, ours.enum];
  if (!taken) {
    return [];
  }
  if (!given) {
    return way === 'sent' ? [`${what} is one of few words now.`] : [`${what} is any word now.`];
  }
  return given
    .filter(word => !taken.includes(word))
    .map(word =>
      way === 'sent'
        ? `${what} may not be “${String(word)}” any more.`
        : `${what} may be “${String(word)}” now.`
    );
}

function propertyDrift(
  what: string,
  way: Way,
  ours: Schema,
  theirs: Schema,
  documents: Documents
): string[] {
  const there = theirs.properties ?? {};
  const needed = (theirs.required ?? []).filter(
    name => way === 'sent' && !ours.required?.includes(name)
  );
  return [
    ...needed.map(name => `${what} now needs ${name}.`),
    ...Object.entries(ours.properties ?? {}).flatMap(([name, schema]) => {
      const other = there[name];
      if (!other) {
        const isMissed = way === 'read' || theirs.additionalProperties === false;
        return isMissed ? [`${what} has ${name} no more.`] : [];
      }
      const isLess =
        way === 'read' && ours.required?.includes(name) && !theirs.required?.includes(name);
      return [
        ...(isLess ? [`${what} may lack ${name} now.`] : []),
        ...schemaDrift(`${name} of ${lower(what)}`, way, schema, other, documents)
      ];
    })
  ];
}

/** What a value may be: one schema for each kind, references resolved. */
function variantsOf(schema: Schema, document: Document): readonly Schema[] {
  const found = resolve(schema, document);
  if (found.anyOf) {
    return found.anyOf.flatMap(one => variantsOf(one, document));
  }
  return typeof found.type === 'object' ? found.type.map(type => ({ ...found, type })) : [found];
}

function kindOf({ type }: Schema): string {
  return typeof type === 'string' ? type : 'anything';
}

function lower(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
