import { VERSION } from '../../../config/version.ts';
import { applianceSchemas } from './appliance.ts';
import { explainSchemas } from './explain.ts';
import { imageSchemas } from './images.ts';
import { leaseSchemas } from './leases.ts';
import { machineSchemas } from './machines.ts';
import { apiPaths, otherPaths } from './paths.ts';

/** The OpenAPI 3.1 document of the API (https://spec.openapis.org/oas/v3.1.0). */
export const openapi = {
  openapi: '3.1.0',
  jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
  info: {
    title: 'remoteboot',
    version: VERSION,
    summary: 'Machines that boot from the network: where each stands, and what went wrong.',
    description:
      'Everybody who reaches the server may read. Calls that change something are taken from the served network, from the host itself, or with ' +
      'Authorization: Bearer and the API_TOKEN of .env. Nothing is answered to pages of other sites, nor under names that a stranger can point here: ' +
      'call the server by its address, its host name, or a name under DOMAIN. Every failure is {error, remedy}.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  paths: { ...apiPaths, ...otherPaths },
  components: {
    schemas: {
      ...applianceSchemas,
      ...machineSchemas,
      ...leaseSchemas,
      ...imageSchemas,
      ...explainSchemas,
    },
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN of .env.' } },
  },
} as const;

/** The methods of the path in the document that the URL's path fits, in upper case; none where no path does. */
export function methodsOf(path: string): readonly string[] {
  const found = Object.entries(openapi.paths).find(([template]) => {
    const parts = template
      .split('/')
      .map((part) => (part.startsWith('{') ? '[^/]+' : part.replaceAll('.', '\\.')));
    return new RegExp(`^${parts.join('/')}/?$`, 'i').test(path);
  });
  const methods = Object.keys(found?.[1] ?? {}).map((method) => method.toUpperCase());
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}
