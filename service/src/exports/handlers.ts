import { Type } from 'typebox';
import type { Api } from '../http/routes.ts';
import { commonErrors } from '../http/schemas.ts';
import type { ExportService } from './service.ts';
import {
  Export,
  ExportCreate,
  ExportList,
  ExportParams,
  ExportQuery,
  ItemList,
  ItemQuery,
  Preflight,
  PreflightReport,
  SubmitHeaders
} from './schemas.ts';

const tags = ['pi'];

export function exportRoutes(api: Api, exports: ExportService): void {
  api.post(
    '/exports/preflight',
    {
      schema: {
        operationId: 'preflightExport',
        summary: 'Ask what a submission would take, and whether it would be taken',
        tags,
        body: Preflight,
        response: { 200: PreflightReport, ...commonErrors }
      }
    },
    async request => exports.preflight(request.identity, request.body)
  );

  api.post(
    '/exports',
    {
      schema: {
        operationId: 'submitExport',
        summary: 'Submit an export',
        description: 'Answered at once; follow the export at its Location.',
        tags,
        headers: SubmitHeaders,
        body: ExportCreate,
        response: { 202: Export, ...commonErrors }
      }
    },
    async (request, reply) => {
      const submitted = await exports.submit(
        request.identity,
        request.body,
        request.headers['idempotency-key']
      );
      return reply
        .code(202)
        .header('location', `${api.prefix}/exports/${submitted.id}`)
        .send(submitted);
    }
  );

  api.get(
    '/exports',
    {
      schema: {
        operationId: 'listExports',
        summary: "Your projects' exports, newest first",
        tags,
        querystring: ExportQuery,
        response: { 200: ExportList, ...commonErrors }
      }
    },
    async request => exports.list(request.identity, request.query)
  );

  api.get(
    '/exports/:export_id',
    {
      schema: {
        operationId: 'getExport',
        summary: 'One export',
        tags,
        params: ExportParams,
        response: { 200: Export, ...commonErrors }
      }
    },
    async request => exports.get(request.identity, request.params.export_id)
  );

  api.get(
    '/exports/:export_id/items',
    {
      schema: {
        operationId: 'listItems',
        summary: 'The items of an export, each with its fate and reason',
        tags,
        params: ExportParams,
        querystring: ItemQuery,
        response: { 200: ItemList, ...commonErrors }
      }
    },
    async request => exports.items(request.identity, request.params.export_id, request.query)
  );

  api.get(
    '/exports/:export_id/items.csv',
    {
      schema: {
        operationId: 'downloadItems',
        summary: 'The same as one CSV file',
        tags,
        params: ExportParams,
        response: { 200: csvAnswer('Every item with its fate and reason.'), ...commonErrors }
      }
    },
    async (request, reply) => {
      const csv = await exports.itemsCsv(request.identity, request.params.export_id);
      return reply.headers(csvHeaders('items.csv')).send(csv);
    }
  );

  api.get(
    '/exports/:export_id/crosswalk.csv',
    {
      schema: {
        operationId: 'downloadCrosswalk',
        summary: "Which subject is which dataset: for the project's team alone",
        tags,
        params: ExportParams,
        response: {
          200: csvAnswer('external_id, frame, dataset_id, run, data_id, url.'),
          ...commonErrors
        }
      }
    },
    async (request, reply) => {
      const csv = await exports.crosswalkCsv(request.identity, request.params.export_id);
      return reply.headers(csvHeaders('crosswalk.csv')).send(csv);
    }
  );

  const actions = [
    ['cancel', 'cancelExport', 'Stop an export; what it holds in quarantine is deleted'],
    ['retry', 'retryExport', 'Try again only what failed'],
    ['withdraw', 'withdrawExport', 'Take a published export down']
  ] as const;
  for (const [action, operationId, summary] of actions) {
    api.post(
      `/exports/:export_id/${action}`,
      {
        schema: {
          operationId,
          summary,
          tags,
          params: ExportParams,
          response: { 200: Export, ...commonErrors }
        }
      },
      async request => exports[action](request.identity, request.params.export_id)
    );
  }
}

function csvAnswer(description: string) {
  return { description, content: { 'text/csv': { schema: Type.String() } } };
}

function csvHeaders(fileName: string) {
  return {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${fileName}"`
  };
}
