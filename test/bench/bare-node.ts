/** The least that Node can be and still answer /ready: what its memory and its start are compared with. */
export const bareServer =
  "require('node:http').createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1')"
