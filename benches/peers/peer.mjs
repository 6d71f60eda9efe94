// Measures a contract on anvil: an Ethereum chain in one process, with a block each second. It neither replicates nor
// persists, and a transaction counts as final as soon as it is in a block.
//
//   node peer.mjs protocol --seconds 8             the protocol's contract (section 8.2): a transaction for each reading
//   node peer.mjs batched --seconds 8 --frames F   frames in batches, one signature each; F: JSON list of frames in hex
//     --load D               what is signed is kept in folder D, and taken from there when the same is measured again
//     --load D --sign-only   it is signed, and nothing is measured
//
// One run, one line of JSON on standard output. Everything is signed and put into the bodies of HTTP requests before the clock runs,
// by as many threads as there are cores (sign.mjs); then as many lanes send them side by side, each request when the one before it
// was answered.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { request, Agent } from 'node:http';
import { Worker } from 'node:worker_threads';
import { ethers } from 'ethers';
import solc from 'solc';
import { batteryId, body, device, fees, FRAMES_IN_A_BATCH, key, owner } from './load.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// Batteries whose readings are sent. The protocol's contract has one owner for each, who sends one transaction after the other.
const BATTERIES = 64;
// Transactions on their way, sent and in no block: two seconds' worth of what is signed for one, so that no block waits for the client.
const BACKLOG = { protocol: 20_000, batched: 200 };
// Gas of a block: far more than Ethereum's, so that the machine is the limit.
const BLOCK_GAS = 30_000_000_000n;
// Transactions that are signed for each second of a run, besides those that may be on their way when it is over: twice what a machine
// has taken of the protocol's contract, and 25,600 frames for the other one, whose signatures alone are more than a second of a core.
const SIGNED_PER_SECOND = { protocol: 10_000, batched: 100 };
// A block without a transaction while some wait, for so long: something was lost.
const STALL_MS = 60_000;

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		seconds: { type: 'string', default: '8' },
		frames: { type: 'string' },
		load: { type: 'string' },
		'sign-only': { type: 'boolean', default: false },
	},
});
const [kind] = positionals;
const seconds = Number(options.seconds);
if (
	!(kind in SIGNED_PER_SECOND) ||
	!(seconds > 0) ||
	(kind === 'batched') !== (options.frames !== undefined) ||
	(options['sign-only'] && options.load === undefined)
) {
	console.error('usage: peer.mjs protocol --seconds N | peer.mjs batched --seconds N --frames FILE, each with [--load FOLDER [--sign-only]]');
	process.exit(2);
}
// Transactions of all lanes: a run in which one of them has sent all of its own is none.
const wanted = SIGNED_PER_SECOND[kind] * seconds + BACKLOG[kind];

function compile(file) {
	const input = {
		language: 'Solidity',
		sources: { [file]: { content: readFileSync(here(file), 'utf8') } },
		settings: {
			optimizer: { enabled: true, runs: 1_000_000 },
			viaIR: true,
			outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
		},
	};
	const output = JSON.parse(solc.compile(JSON.stringify(input)));
	const errors = (output.errors ?? []).filter((error) => error.severity === 'error');
	if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join('\n'));
	const [contract] = Object.values(output.contracts[file]);
	return { abi: new ethers.Interface(contract.abi), json: JSON.stringify(contract.abi), bytecode: '0x' + contract.evm.bytecode.object };
}

async function startAnvil() {
	const binary = createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/bin/anvil');
	// It ends with this program, whatever ends that.
	const child = spawn(
		'setpriv',
		['--pdeathsig', 'KILL', binary, '--host', '127.0.0.1', '--port', '0', '--block-time', '1', '--gas-limit', String(BLOCK_GAS), '--accounts', '1',
			'--order', 'fifo', '--no-request-size-limit', '--disable-min-priority-fee', '--prune-history'],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	process.on('exit', () => child.kill('SIGKILL'));
	const address = await new Promise((resolve, reject) => {
		let text = '';
		child.once('exit', (code) => reject(new Error(`anvil ended with ${code}: ${text}`)));
		child.stdout.on('data', (data) => {
			text = (text + data).slice(-4096);
			const found = /Listening on (127\.0\.0\.1:\d+)/.exec(text);
			if (found) resolve(found[1]);
		});
	});
	return { child, address };
}

const agent = new Agent({ keepAlive: true });

function post(address, data) {
	return new Promise((resolve, reject) => {
		const [host, port] = address.split(':');
		const sent = request(
			{ host, port, method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': data.length } },
			(answer) => {
				const parts = [];
				answer.on('data', (part) => parts.push(part));
				answer.on('end', () => {
					try {
						resolve(JSON.parse(Buffer.concat(parts)));
					} catch (error) {
						reject(error);
					}
				});
			},
		);
		sent.on('error', reject);
		sent.end(data);
	});
}

async function call(address, method, ...params) {
	const answer = await post(address, Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })));
	if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
	return answer.result;
}

// Seconds of processor time that a process has used.
function cpuSeconds(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

// Sends transactions in order and waits until they are in blocks.
async function settle(address, signed) {
	for (let at = 0; at < signed.length; at += 50) await send(address, body(signed.slice(at, at + 50)));
	const last = ethers.keccak256(signed.at(-1));
	for (;;) {
		const receipt = await call(address, 'eth_getTransactionReceipt', last);
		if (receipt) {
			if (receipt.status !== '0x1') throw new Error('a transaction that prepares the run has failed');
			return receipt;
		}
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

async function send(address, data) {
	const answers = await post(address, data);
	const refused = answers.find((answer) => answer.error);
	if (refused) throw new Error(`anvil refused a transaction: ${refused.error.message}`);
}

// What each lane sends. The protocol's contract has one owner for each battery, and a lane has some of the owners.
async function protocolLanes(lanes) {
	const prepare = [];
	for (let battery = 0; battery < BATTERIES; battery += 1) {
		const data = contract.abi.encodeFunctionData('registerBattery', [batteryId(battery), ethers.ZeroHash]);
		prepare.push(await owner(battery).signTransaction({ ...fees, to, nonce: 0, gasLimit: 500_000n, data }));
	}
	const all = Array.from({ length: BATTERIES }, (_, battery) => battery);
	const each = Math.ceil(wanted / BATTERIES);
	return {
		prepare,
		senders: all,
		lanes: Array.from({ length: lanes }, (_, lane) => ({ batteries: all.filter((battery) => battery % lanes === lane), each })),
	};
}

// The frames without the ledger's signatures, in groups of neighbours that fill a batch. A lane has one sender and some of the groups.
async function batchedLanes(most) {
	const frames = JSON.parse(readFileSync(options.frames, 'utf8')).map((hex) => ethers.getBytes(hex).slice(0, -64));
	if (frames.length === 0 || frames.length % FRAMES_IN_A_BATCH) throw new Error(`${frames.length} frames do not fill batches`);
	const prepare = [];
	const REGISTERED_AT_ONCE = 200;
	for (let first = 0; first < frames.length; first += REGISTERED_AT_ONCE) {
		const count = Math.min(REGISTERED_AT_ONCE, frames.length - first);
		const addresses = Array.from({ length: count }, (_, place) => device(first + place).address);
		const data = contract.abi.encodeFunctionData('register', [first, addresses]);
		prepare.push(await owner(0).signTransaction({ ...fees, to, nonce: prepare.length, gasLimit: 10_000_000n, data }));
	}
	const groups = [];
	for (let first = 0; first < frames.length; first += FRAMES_IN_A_BATCH) {
		groups.push({ first, frames: frames.slice(first, first + FRAMES_IN_A_BATCH) });
	}
	const lanes = Math.min(most, groups.length);
	const each = Math.ceil(wanted / groups.length);
	const senders = Array.from({ length: lanes }, (_, sender) => sender);
	return {
		prepare,
		senders,
		lanes: senders.map((sender) => ({
			sender,
			firstNonce: sender === 0 ? prepare.length : 0,
			groups: groups.filter((_, group) => group % lanes === sender),
			each,
		})),
	};
}

// Signs the requests of a lane by a thread of its own, and hands over each.
function sign(lane, take) {
	return new Promise((resolve, reject) => {
		const worker = new Worker(new URL('sign.mjs', import.meta.url), { workerData: { kind, abi: contract.json, to, lane } });
		worker.on('message', take);
		worker.once('error', reject);
		worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a thread that signs ended with ${code}`))));
	});
}

// Requests from a file: for each a line with its body, and one with its transactions.
function kept(file) {
	const data = readFileSync(file);
	const LINE_END = 10;
	const requests = [];
	for (let at = 0; at < data.length; ) {
		const bodyEnd = data.indexOf(LINE_END, at);
		const end = data.indexOf(LINE_END, bodyEnd + 1);
		requests.push({ body: data.subarray(at, bodyEnd), transactions: JSON.parse(data.toString('utf8', bodyEnd + 1, end)) });
		at = end + 1;
	}
	return requests;
}

// The requests of a lane. Keys, nonces and the contract's address are the same in every run, each on a new chain: so are these.
async function load(lane, number) {
	if (options.load === undefined) {
		const requests = [];
		await sign(lane, (made) => requests.push(made));
		return requests;
	}
	const file = join(options.load, `${kind}-${seconds}-${number}.load`);
	if (!existsSync(file)) {
		// A file that was not written to its end has another name.
		const part = `${file}.part`;
		const output = openSync(part, 'w');
		await sign(lane, ({ body, transactions }) => {
			writeFileSync(output, body);
			writeFileSync(output, `\n${JSON.stringify(transactions)}\n`);
		});
		// Not while the clock runs.
		fsyncSync(output);
		closeSync(output);
		renameSync(part, file);
	}
	return options['sign-only'] ? [] : kept(file);
}

const contract = compile(kind === 'protocol' ? 'BatteryPassport.sol' : 'BatchedFrames.sol');
const deployer = key('deployer');
const to = ethers.getCreateAddress({ from: deployer.address, nonce: 0 });
const { prepare, senders, lanes } = await (kind === 'protocol' ? protocolLanes : batchedLanes)(availableParallelism());
const loads = await Promise.all(lanes.map(load));
if (options['sign-only']) process.exit(0);

const { child, address } = await startAnvil();
for (const wallet of [deployer, ...senders.map(owner)]) {
	await call(address, 'anvil_setBalance', wallet.address, ethers.toBeHex(10n ** 30n));
}
await settle(address, [await deployer.signTransaction({ ...fees, nonce: 0, gasLimit: 10_000_000n, data: contract.bytecode })]);
await settle(address, prepare);

const topic = contract.abi.getEvent(kind === 'protocol' ? 'DataUpdated' : 'FramesTaken').topicHash;
const sizes = new Map(loads.flat().flatMap(({ transactions }) => transactions.map(({ hash, bytes }) => [hash, bytes])));
const firstBlock = Number(await call(address, 'eth_blockNumber')) + 1;
const cpuBefore = cpuSeconds(child.pid);
const start = performance.now();
let sent = 0;
let mined = 0;
let read = firstBlock - 1;
let ended = start;
let over = false;
// Lanes that had sent everything before the time was over.
const ranDry = new Set();

const timeIsOver = () => performance.now() - start >= seconds * 1000;

async function sending(requests) {
	for (const { body, transactions } of requests) {
		while (sent - mined > BACKLOG[kind] && !timeIsOver()) await new Promise((resolve) => setTimeout(resolve, 5));
		if (timeIsOver()) return;
		await send(address, body);
		sent += transactions.length;
	}
	ranDry.add(requests);
}

const blocks = [];
async function counting() {
	let progress = performance.now();
	while (!over || mined < sent) {
		const height = Number(await call(address, 'eth_blockNumber'));
		if (height === read) {
			if (performance.now() - progress > STALL_MS) throw new Error(`${sent - mined} transactions are in no block`);
			await new Promise((resolve) => setTimeout(resolve, 20));
			continue;
		}
		while (read < height) {
			read += 1;
			const block = await call(address, 'eth_getBlockByNumber', ethers.toQuantity(read), false);
			if (block.transactions.length) {
				mined += block.transactions.length;
				progress = ended = performance.now();
				blocks.push(read);
			}
		}
	}
}
const allSent = Promise.all(loads.map(sending)).then(() => {
	over = true;
});
await Promise.all([allSent, counting()]);
const cpu = cpuSeconds(child.pid) - cpuBefore;

// What was done, by the contract's own events, after the clock has stopped.
let done = 0;
let skipped = 0;
let bytes = 0;
let transactions = 0;
for (const number of blocks) {
	const quantity = ethers.toQuantity(number);
	const logs = await call(address, 'eth_getLogs', { fromBlock: quantity, toBlock: quantity, address: to, topics: [topic] });
	for (const log of logs) {
		bytes += sizes.get(log.transactionHash);
		transactions += 1;
		if (kind === 'protocol') done += 1;
		else {
			const { taken, skipped: left } = contract.abi.parseLog(log).args;
			done += Number(taken);
			skipped += Number(left);
		}
	}
}
child.removeAllListeners('exit');
child.kill('SIGKILL');

const ran = (ended - start) / 1000;
console.log(JSON.stringify({
	peer: kind,
	// A transaction of the protocol's contract is a reading; one of the batched contract holds frames.
	done,
	skipped,
	transactions,
	failed: mined - transactions,
	seconds: ran,
	perSecond: done / ran,
	bytesEach: bytes / done,
	cpuSeconds: cpu,
	// A lane that sent all that it had was no measure of the contract from then on.
	allSent: ranDry.size > 0,
}));
process.exit(0);
