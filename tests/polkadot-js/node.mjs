// Starts a development node of this repository on free ports and ends it with the test.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const cache = process.env.PASSPORT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "battery-passport-ledger");
const binary = join(process.env.CARGO_TARGET_DIR ?? join(cache, "target"), "release", "passport-node");

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/// A running node: `url` to connect to, `stop()` to end it.
export async function startNode() {
  if (!existsSync(binary)) throw new Error(`${binary} is not built: run scripts/build`);
  const folder = mkdtempSync(join(tmpdir(), "passport-polkadot-js-"));
  const [rpc, prometheus] = [await freePort(), await freePort()];
  const child = spawn(
    binary,
    ["--dev", "--base-path", folder, `--rpc-port=${rpc}`, "--listen-addr=/ip4/127.0.0.1/tcp/0", `--prometheus-port=${prometheus}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let log = "";
  child.stderr.on("data", (data) => (log = (log + data).slice(-8000)));
  const ended = new Promise((resolve) => child.on("exit", resolve));
  return {
    url: `ws://127.0.0.1:${rpc}`,
    log: () => log,
    async stop() {
      child.kill("SIGINT");
      const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(killer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
