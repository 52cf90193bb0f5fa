/**
 * node:http, fetched without an `import`: that evaluates every export, WebSocket among them, and with it loads Node's whole fetch
 * client, which is 6 MB and 40 ms in each process that never uses it. test/platform/node-http.test.ts holds it.
 */
export const nodeHttp = process.getBuiltinModule('node:http');
