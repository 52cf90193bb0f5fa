import { FakeApi } from './fake-api.ts';

/** `node test/page/serve-fake.ts [machines] [hostile]`: the page with made-up machines whose boots go on, to be looked at by hand. */
const [machines = '30', hostile] = process.argv.slice(2);
const api = await new FakeApi({ machines: Number(machines), hostile: hostile !== undefined }).start();
console.log(api.url);
setInterval(() => api.tellMachines(), 500);
