/** Run as a program: Koa that answers everything with the same body. Arguments: port, bytes. */
import Koa from 'koa';

const [port, bytes] = process.argv.slice(2).map(Number);
const body = 'x'.repeat(bytes ?? 0);
const app = new Koa();
app.use((ctx) => {
  ctx.type = 'application/json';
  ctx.body = body;
});
app.listen({ port, host: '127.0.0.1', backlog: 4096 });
