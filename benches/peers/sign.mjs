// A thread that signs what one lane sends, and puts it into the bodies of HTTP requests, so that sending them is all that is left
// when the clock runs.

import { parentPort, workerData } from 'node:worker_threads';
import { ethers } from 'ethers';
import { batteryId, body, device, fees, FRAMES_IN_A_BATCH, IN_A_REQUEST, owner } from './load.mjs';

const { kind, abi, to, lane } = workerData;
const contract = new ethers.Interface(abi);

// One transaction for each reading, by the battery's owner: the contract asks for no other.
async function* readings({ batteries, each }) {
	const owners = batteries.map(owner);
	for (let nonce = 1; nonce <= each; nonce += 1) {
		for (const [place, battery] of batteries.entries()) {
			const hash = ethers.toBeHex(BigInt(nonce) * 1_000_003n + BigInt(battery), 32);
			const data = contract.encodeFunctionData('updateData', [batteryId(battery), hash]);
			yield { raw: await owners[place].signTransaction({ ...fees, to, nonce, gasLimit: 200_000n, data }), frames: 1 };
		}
	}
}

// The frames as the ledger gets them, with a signature that an EVM chain can check in place of Ed25519's 64 bytes. All of a battery by
// one sender: they come in order.
async function* batches({ sender, firstNonce, groups, each }) {
	const wallet = owner(sender);
	const keys = groups.map(({ first, frames }) => frames.map((_, place) => device(first + place).signingKey));
	let nonce = firstNonce;
	for (let sequence = 1; sequence <= each; sequence += 1) {
		for (const [group, { first, frames }] of groups.entries()) {
			const parts = [];
			for (const [place, frame] of frames.entries()) {
				const prefix = new Uint8Array(12);
				const view = new DataView(prefix.buffer);
				view.setUint32(0, first + place);
				view.setUint16(4, 0);
				view.setUint32(6, sequence);
				view.setUint16(10, frame.length);
				const message = ethers.concat([prefix, frame]);
				parts.push(message, keys[group][place].sign(ethers.keccak256(message)).compactSerialized);
			}
			const data = contract.encodeFunctionData('submit', [ethers.concat(parts)]);
			const raw = await wallet.signTransaction({ ...fees, to, nonce: nonce++, gasLimit: 400_000_000n, data });
			yield { raw, frames: FRAMES_IN_A_BATCH };
		}
	}
}

let signed = [];
const hand = () => {
	const transactions = signed.map(({ raw, frames }) => ({ hash: ethers.keccak256(raw), bytes: (raw.length - 2) / 2, frames }));
	parentPort.postMessage({ body: body(signed.map(({ raw }) => raw)), transactions });
	signed = [];
};
for await (const transaction of kind === 'protocol' ? readings(lane) : batches(lane)) {
	signed.push(transaction);
	if (signed.length === IN_A_REQUEST[kind]) hand();
}
if (signed.length) hand();
