// Measures a contract on anvil: an Ethereum chain in one process, with a block each second. It neither replicates nor
// persists, and a transaction counts as final as soon as it is in a block.
//
//   node peer.mjs protocol --seconds 8             the protocol's contract (section 8.2): a transaction for each reading
//   node peer.mjs batched --seconds 8 --frames F   frames in batches, one signature each; F: JSON list of frames in hex
//
// One run, one line of JSON on standard output. Everything is signed before the clock runs.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { request, Agent } from 'node:http';
import { ethers } from 'ethers';
import solc from 'solc';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

// Batteries whose readings are sent. The protocol's contract has one owner for each, who sends one transaction after the other.
const BATTERIES = 64;
// Transactions that are sent in one HTTP request.
const IN_A_REQUEST = 50;
// Transactions on their way, sent and in no block.
const BACKLOG = 20_000;
// Frames of a batch: as many as the ledger takes in an extrinsic.
const FRAMES_IN_A_BATCH = 256;
// Gas of a block: far more than Ethereum's, so that the machine is the limit.
const BLOCK_GAS = 30_000_000_000n;
// Transactions that are signed for each second of a run: more than any machine has taken.
const SIGNED_PER_SECOND = { protocol: 6_000, batched: 80 };
// A block without a transaction while some wait, for so long: something was lost.
const STALL_MS = 60_000;

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: { seconds: { type: 'string', default: '8' }, frames: { type: 'string' } },
});
const [kind] = positionals;
const seconds = Number(options.seconds);
if (!(kind in SIGNED_PER_SECOND) || !(seconds > 0) || (kind === 'batched') !== (options.frames !== undefined)) {
	console.error('usage: peer.mjs protocol --seconds N | peer.mjs batched --seconds N --frames FILE');
	process.exit(2);
}

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
	return { abi: new ethers.Interface(contract.abi), bytecode: '0x' + contract.evm.bytecode.object };
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

function post(address, body) {
	return new Promise((resolve, reject) => {
		const data = Buffer.from(JSON.stringify(body));
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
	const answer = await post(address, { jsonrpc: '2.0', id: 1, method, params });
	if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
	return answer.result;
}

// Seconds of processor time that a process has used.
function cpuSeconds(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / 100;
}

const key = (text) => new ethers.Wallet(ethers.keccak256(ethers.toUtf8Bytes(`passport bench ${text}`)));

const CHAIN_ID = 31337;
const fees = { type: 2, chainId: CHAIN_ID, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 0n };

// Sends transactions in order and waits until they are in blocks.
async function settle(address, signed) {
	for (let at = 0; at < signed.length; at += IN_A_REQUEST) await send(address, signed.slice(at, at + IN_A_REQUEST));
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

async function send(address, signed) {
	const answers = await post(address, signed.map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] })));
	const refused = answers.find((answer) => answer.error);
	if (refused) throw new Error(`anvil refused a transaction: ${refused.error.message}`);
}

const batteryId = (battery) => `BAT-2027-EV-${String(battery).padStart(6, '0')}`;

// One transaction for each reading, by the battery's owner: the contract asks for no other.
async function protocolLoad(contract, to, owners) {
	const prepare = [];
	const load = [];
	for (const [battery, owner] of owners.entries()) {
		const data = contract.abi.encodeFunctionData('registerBattery', [batteryId(battery), ethers.ZeroHash]);
		prepare.push(await owner.signTransaction({ ...fees, to, nonce: 0, gasLimit: 500_000n, data }));
	}
	const wanted = Math.ceil((SIGNED_PER_SECOND.protocol * seconds) / owners.length);
	for (let nonce = 1; nonce <= wanted; nonce += 1) {
		for (const [battery, owner] of owners.entries()) {
			const hash = ethers.toBeHex(BigInt(nonce) * 1_000_003n + BigInt(battery), 32);
			const data = contract.abi.encodeFunctionData('updateData', [batteryId(battery), hash]);
			const raw = await owner.signTransaction({ ...fees, to, nonce, gasLimit: 200_000n, data });
			load.push({ raw, frames: 1 });
		}
	}
	return { prepare, load };
}

// The frames as the ledger gets them, with a signature that an EVM chain can check in place of Ed25519's 64 bytes.
async function batchedLoad(contract, to, owners) {
	const frames = JSON.parse(readFileSync(options.frames, 'utf8')).map((hex) => ethers.getBytes(hex).slice(0, -64));
	const devices = frames.map((_, battery) => key(`device ${battery}`));
	const prepare = [];
	const nonces = owners.map(() => 0);
	const REGISTERED_AT_ONCE = 200;
	for (let first = 0; first < devices.length; first += REGISTERED_AT_ONCE) {
		const addresses = devices.slice(first, first + REGISTERED_AT_ONCE).map((device) => device.address);
		const data = contract.abi.encodeFunctionData('register', [first, addresses]);
		prepare.push(await owners[0].signTransaction({ ...fees, to, nonce: nonces[0]++, gasLimit: 10_000_000n, data }));
	}
	const load = [];
	const wanted = SIGNED_PER_SECOND.batched * seconds;
	let sequence = 0;
	let next = 0;
	for (let batch = 0; batch < wanted; batch += 1) {
		const parts = [];
		for (let taken = 0; taken < FRAMES_IN_A_BATCH; taken += 1) {
			if (next === 0) sequence += 1;
			const prefix = new Uint8Array(12);
			const view = new DataView(prefix.buffer);
			view.setUint32(0, next);
			view.setUint16(4, 0);
			view.setUint32(6, sequence);
			view.setUint16(10, frames[next].length);
			const message = ethers.concat([prefix, frames[next]]);
			parts.push(message, devices[next].signingKey.sign(ethers.keccak256(message)).compactSerialized);
			next = (next + 1) % frames.length;
		}
		const data = contract.abi.encodeFunctionData('submit', [ethers.concat(parts)]);
		// All by one sender: batches of one battery's frames come in order.
		const raw = await owners[0].signTransaction({ ...fees, to, nonce: nonces[0]++, gasLimit: 400_000_000n, data });
		load.push({ raw, frames: FRAMES_IN_A_BATCH });
	}
	return { prepare, load };
}

const contract = compile(kind === 'protocol' ? 'BatteryPassport.sol' : 'BatchedFrames.sol');
const deployer = key('deployer');
const to = ethers.getCreateAddress({ from: deployer.address, nonce: 0 });
const owners = Array.from({ length: kind === 'protocol' ? BATTERIES : 1 }, (_, battery) => key(`owner ${battery}`));
const { prepare, load } = await (kind === 'protocol' ? protocolLoad : batchedLoad)(contract, to, owners);

const { child, address } = await startAnvil();
for (const wallet of [deployer, ...owners]) {
	await call(address, 'anvil_setBalance', wallet.address, ethers.toBeHex(10n ** 30n));
}
await settle(address, [await deployer.signTransaction({ ...fees, nonce: 0, gasLimit: 10_000_000n, data: contract.bytecode })]);
await settle(address, prepare);

const topic = contract.abi.getEvent(kind === 'protocol' ? 'DataUpdated' : 'FramesTaken').topicHash;
const sizes = new Map(load.map(({ raw, frames }) => [ethers.keccak256(raw), { bytes: (raw.length - 2) / 2, frames }]));
const firstBlock = Number(await call(address, 'eth_blockNumber')) + 1;
const cpuBefore = cpuSeconds(child.pid);
const start = performance.now();
let sent = 0;
let mined = 0;
let read = firstBlock - 1;
let ended = start;
let over = false;

async function sending() {
	while (sent < load.length && performance.now() - start < seconds * 1000) {
		if (sent - mined > BACKLOG) {
			await new Promise((resolve) => setTimeout(resolve, 5));
			continue;
		}
		const part = load.slice(sent, sent + (kind === 'protocol' ? IN_A_REQUEST : 1));
		await send(address, part.map(({ raw }) => raw));
		sent += part.length;
	}
	over = true;
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
await Promise.all([sending(), counting()]);
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
		const size = sizes.get(log.transactionHash);
		bytes += size.bytes;
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
	allSent: sent === load.length,
}));
process.exit(0);
