// One question as JSON on standard input, its answer as JSON on standard output.
import { readFileSync } from "node:fs";
import { sign, verify } from "@octokit/webhooks-methods";

const { call, secret, body, signature } = JSON.parse(readFileSync(0, "utf8"));
const answer = call === "sign" ? await sign(secret, body) : await verify(secret, body, signature);
process.stdout.write(JSON.stringify(answer));
