import { createServer } from "node:http";
import { route } from "./routes.ts";

const port = Number(process.env.PORT ?? 8080);

createServer((request, response) => {
  route(request)
    .then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    })
    .catch((error: Error) => {
      response.writeHead(500);
      response.end(JSON.stringify({ error: error.message }));
    });
}).listen(port);
