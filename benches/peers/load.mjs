// What the peers are sent: who sends it, under which keys. Shared by the program that sends and the threads that sign.

import { ethers } from 'ethers';

// Transactions that are sent in one HTTP request.
export const IN_A_REQUEST = { protocol: 50, batched: 1 };
// Frames of a batch: as many as the ledger takes in an extrinsic.
export const FRAMES_IN_A_BATCH = 256;

export const fees = { type: 2, chainId: 31337, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 0n };

export const key = (text) => new ethers.Wallet(ethers.keccak256(ethers.toUtf8Bytes(`passport bench ${text}`)));
export const owner = (number) => key(`owner ${number}`);
export const device = (number) => key(`device ${number}`);

export const batteryId = (battery) => `BAT-2027-EV-${String(battery).padStart(6, '0')}`;

// The body of an HTTP request that sends these transactions.
export const body = (signed) =>
	new TextEncoder().encode(
		JSON.stringify(signed.map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] }))),
	);
