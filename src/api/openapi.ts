import type { SwaggerOptions } from '@fastify/swagger'

/** The head of the OpenAPI document; the rest is written by the routes' own schemas. */
export const OPENAPI: SwaggerOptions = {
  openapi: {
    openapi: '3.0.3',
    info: {
      title: 'Tidemark Platform API',
      description: 'The Platform API, version 3: apps, their releases, and what makes them.',
      version: '3',
    },
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        password: { type: 'http', scheme: 'basic' },
      },
    },
    security: [{ token: [] }],
  },
}
