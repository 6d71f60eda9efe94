// polkadot.js works unchanged: it connects without custom types, decodes every pallet's events and storage, and signs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { stringToHex, u8aConcat, u8aToHex } from "@polkadot/util";
import { cryptoWaitReady, ed25519PairFromSeed, ed25519Sign, sha256AsU8a } from "@polkadot/util-crypto";
import { startNode } from "./node.mjs";

const OWN_PALLETS = ["organisations", "validators", "passport", "ownershipTransfer", "accessGrant", "telemetry", "documents"];
const DEADLINE = 120_000;

let node, api, keyring;

before(async () => {
  await cryptoWaitReady();
  node = await startNode();
  // The provider tries again until the node answers.
  api = await ApiPromise.create({ provider: new WsProvider(node.url, 250), noInitWarn: true });
  keyring = new Keyring({ type: "sr25519" });
}, { timeout: DEADLINE });

after(async () => {
  await api?.disconnect();
  await node?.stop();
});

/// Signs, submits, and gives the events of the call once its block is final; rejects when the call failed.
function finalise(call, uri) {
  return new Promise((resolve, reject) => {
    call
      .signAndSend(keyring.addFromUri(uri), { nonce: -1 }, ({ status, events, dispatchError }) => {
        if (dispatchError?.isModule) {
          const { section, name } = api.registry.findMetaError(dispatchError.asModule);
          reject(new Error(`${section}.${name}`));
        } else if (dispatchError) {
          reject(new Error(dispatchError.toString()));
        } else if (status.isFinalized) {
          resolve(events.map(({ event }) => event));
        }
      })
      .catch(reject);
  });
}

const find = (events, section, method) => {
  const event = events.find((event) => event.section === section && event.method === method);
  assert.ok(event, `no ${section}.${method} among ${events.map((event) => `${event.section}.${event.method}`)}`);
  return event.data;
};

const identifier = "https://id.example/01/09506000134352/21/POLKADOTJS";
const passport = sha256AsU8a(identifier);
// Hex, because polkadot.js takes a Uint8Array for an Option as one that is encoded already.
const commitment = (text) => u8aToHex(sha256AsU8a(text));
const cid = u8aToHex(u8aConcat([0x01, 0x55, 0x12, 0x20], sha256AsU8a("a document")));

test("every own pallet is there, and every signed extension is one that needs no custom type", () => {
  for (const pallet of OWN_PALLETS) {
    assert.ok(api.tx[pallet], `no calls of ${pallet}`);
    assert.ok(api.query[pallet], `no storage of ${pallet}`);
    assert.ok(api.events[pallet], `no events of ${pallet}`);
  }
  assert.ok(api.registry.signedExtensions.includes("CheckMembership"));
});

test("every field of every event, and every storage value, has a type that polkadot.js can make and decode", () => {
  let types = 0;
  const roundTrip = (type) => {
    const made = api.registry.createType(type);
    assert.deepEqual(api.registry.createType(type, made.toU8a()).toU8a(), made.toU8a(), type);
    types += 1;
  };
  for (const pallet of OWN_PALLETS) {
    for (const event of Object.values(api.events[pallet])) {
      event.meta.fields.forEach((field) => roundTrip(api.registry.createLookupType(field.type)));
    }
    for (const entry of Object.values(api.query[pallet])) {
      const { type } = entry.creator.meta;
      roundTrip(api.registry.createLookupType(type.isPlain ? type.asPlain : type.asMap.value));
    }
  }
  assert.ok(types > 60, `only ${types} types`);
});

test("signed calls of every pallet are final and their events decode", { timeout: DEADLINE }, async () => {
  const registered = find(
    await finalise(
      api.tx.passport.register({
        uniqueIdentifier: identifier,
        alias: stringToHex("BAT-2027-PJ-000001"),
        category: "ElectricVehicle",
        commitments: [commitment("model"), commitment("composition"), null, null],
        contentAddress: cid,
        // The key of data set 2 for the authority that the access table names, organisation 6.
        envelopes: [{ authority: 6, dataSet: "Composition", bytes: new Uint8Array(80).fill(2) }],
      }),
      "//Alice",
    ),
    "passport",
    "Registered",
  );
  assert.deepEqual(registered.passport.toU8a(), passport);

  const anchored = await finalise(api.tx.documents.anchor(passport, cid, "Certificate", "Model", 42), "//Alice");
  find(anchored, "documents", "Anchored");

  const device = ed25519PairFromSeed(sha256AsU8a("battery-passport polkadot.js test device"));
  const message = u8aConcat("BPL-DEVICE-v1", api.genesisHash.toU8a(), passport, device.publicKey);
  const proof = ed25519Sign(message, device);
  const added = await finalise(api.tx.telemetry.registerDevice(passport, device.publicKey, proof), "//Alice");
  assert.equal(find(added, "telemetry", "DeviceRegistered").device.toNumber(), 0);

  const asked = await finalise(api.tx.accessGrant.request(passport, 0b0011, "Valuation", 1000), "//One");
  const grant = find(asked, "accessGrant", "GrantRequested").grant;
  find(await finalise(api.tx.accessGrant.approve(grant, null), "//Alice"), "accessGrant", "GrantApproved");

  const offered = await finalise(api.tx.ownershipTransfer.offer(2, "Sale", true, [passport], null, [], 100), "//Alice");
  const transfer = find(offered, "ownershipTransfer", "TransferOffered").transfer;
  find(await finalise(api.tx.ownershipTransfer.accept(transfer, null, true), "//Bob"), "ownershipTransfer", "TransferAccepted");

  const newcomer = keyring.addFromUri("//polkadot.js newcomer");
  const hpkeKey = new Uint8Array(32).fill(9);
  const admit = api.tx.organisations.admit("did:web:newcomer.example", 1 << 11, hpkeKey, null, [newcomer.address]);
  find(await finalise(api.tx.sudo.sudo(admit), "//Alice"), "organisations", "Admitted");
});

test("what the calls stored is read back with its fields", { timeout: DEADLINE }, async () => {
  const stored = (await api.query.passport.passports(passport)).unwrap();
  assert.equal(stored.uniqueIdentifier.toUtf8(), identifier);
  assert.equal(stored.owner.toNumber(), 2);
  assert.equal(stored.responsibleOperator.toNumber(), 1);
  assert.ok(stored.status.isOriginal);
  assert.equal(stored.commitments[0].unwrap().toHex(), commitment("model"));
  for (const pallet of OWN_PALLETS) {
    for (const [name, entry] of Object.entries(api.query[pallet])) {
      const decoded = entry.creator.meta.type.isPlain ? await entry() : await entry.entries();
      assert.ok(decoded !== undefined, `${pallet}.${name}`);
    }
  }
  assert.equal((await api.query.validators.validators()).length, 1);
});

test("the pool's refusal reaches polkadot.js with its code", { timeout: DEADLINE }, async () => {
  const frames = api.tx.telemetry.submitFrames([]);
  await assert.rejects(finalise(frames, "//Alice"), /Custom error: 4/);
  await assert.rejects(finalise(api.tx.system.remark("0x00"), "//nobody"), /Custom error: 1/);
  await assert.rejects(finalise(api.tx.utility.batch([frames]), "//Alice"), /Custom error: 4/);
});
