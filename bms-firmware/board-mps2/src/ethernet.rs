//! The network: SMSC LAN9118 (Microchip LAN9118 data sheet, DS00002266), in its 32-bit mode without DMA.
//!
//! Packets go straight between the chip's own memory (16 kB) and the network stack: one is copied on the stack for the time
//! of its handling, and no RAM is set aside.

#![allow(unsafe_code)]

use core::{marker::PhantomData, task::Context};

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState, RxToken, TxToken};
use embassy_sync::waitqueue::AtomicWaker;

use crate::registers::Registers;

// SAFETY: AN386 and its like, whose processor is a Cortex-M4, have the chip here.
const CHIP_BESIDE_M4: Registers = unsafe { Registers::at(0x4020_0000) };
// SAFETY: AN500, whose processor is a Cortex-M7, has it here.
const CHIP_BESIDE_M7: Registers = unsafe { Registers::at(0xa000_0000) };

/// Part number of a Cortex-M7 in the processor's CPUID register.
const PART_M7: u32 = 0xc27;

/// Where the chip is: one image runs on both boards.
fn chip() -> Registers {
	// SAFETY: reading the processor's name changes nothing.
	let name = unsafe { (*cortex_m::peripheral::CPUID::PTR).base.read() };
	if name >> 4 & 0xfff == PART_M7 {
		CHIP_BESIDE_M7
	} else {
		CHIP_BESIDE_M4
	}
}

const RX_DATA: usize = 0x00;
const TX_DATA: usize = 0x20;
const RX_STATUS: usize = 0x40;
const TX_STATUS: usize = 0x48;
const ID_REV: usize = 0x50;
const IRQ_CFG: usize = 0x54;
const INT_STS: usize = 0x58;
const INT_EN: usize = 0x5c;
const BYTE_TEST: usize = 0x64;
const FIFO_INT: usize = 0x68;
const RX_CFG: usize = 0x6c;
const TX_CFG: usize = 0x70;
const HW_CFG: usize = 0x74;
const RX_DP_CTRL: usize = 0x78;
const RX_FIFO_INF: usize = 0x7c;
const TX_FIFO_INF: usize = 0x80;
const MAC_CSR_CMD: usize = 0xa4;
const MAC_CSR_DATA: usize = 0xa8;
const AFC_CFG: usize = 0xac;

/// What BYTE_TEST reads when the chip is there and the order of bytes is right.
const BYTE_TEST_VALUE: u32 = 0x8765_4321;
const ID_LAN9118: u32 = 0x0118;

const HW_CFG_SOFT_RESET: u32 = 1 << 0;
const HW_CFG_MUST_BE_ONE: u32 = 1 << 20;
/// 5 kB of the chip's 16 kB for sending: three packets.
const HW_CFG_TX_5KB: u32 = 5 << 16;
/// Thresholds of flow control that the data sheet proposes for 100 Mbit/s.
const AFC_CFG_VALUE: u32 = 0x006e_3740;

const IRQ_ENABLED: u32 = 1 << 8;
const IRQ_PUSH_PULL: u32 = 1 << 0;
const IRQ_ACTIVE_HIGH: u32 = 1 << 4;
/// The status FIFO of reception holds something.
const INT_RECEIVED: u32 = 1 << 3;

const TX_ON: u32 = 1 << 1;
const RX_DISCARD: u32 = 1 << 31;

const MAC_BUSY: u32 = 1 << 31;
const MAC_READ: u32 = 1 << 30;
const MAC_CR: u32 = 1;
const MAC_ADDRESS_HIGH: u32 = 2;
const MAC_ADDRESS_LOW: u32 = 3;
const MAC_CR_TRANSMIT: u32 = 1 << 3;
const MAC_CR_RECEIVE: u32 = 1 << 2;
const MAC_CR_FULL_DUPLEX: u32 = 1 << 20;

const TX_FIRST_AND_LAST: u32 = 1 << 13 | 1 << 12;
const RX_ERROR: u32 = 1 << 15;

/// A packet with its Ethernet header, without its checksum.
const PACKET_BYTES: usize = 1_514;
/// The checksum that the chip counts and hands over.
const CHECKSUM_BYTES: usize = 4;
/// Tries before a chip that does not answer is given up; each reads a register.
const PATIENCE: u32 = 100_000;

static RECEIVED: AtomicWaker = AtomicWaker::new();

pub(crate) fn on_interrupt() {
	// The driver lets it through again when it has emptied the FIFO.
	let chip = chip();
	chip.write(INT_EN, 0);
	chip.write(INT_STS, u32::MAX);
	RECEIVED.wake();
}

fn wait_for(done: impl Fn() -> bool) -> Option<()> {
	(0..PATIENCE).any(|_| done()).then_some(())
}

fn mac_ready(chip: Registers) -> bool {
	chip.read(MAC_CSR_CMD) & MAC_BUSY == 0
}

fn mac_read(chip: Registers, register: u32) -> Option<u32> {
	wait_for(|| mac_ready(chip))?;
	chip.write(MAC_CSR_CMD, MAC_BUSY | MAC_READ | register);
	wait_for(|| mac_ready(chip))?;
	Some(chip.read(MAC_CSR_DATA))
}

fn mac_write(chip: Registers, register: u32, value: u32) -> Option<()> {
	wait_for(|| mac_ready(chip))?;
	chip.write(MAC_CSR_DATA, value);
	chip.write(MAC_CSR_CMD, MAC_BUSY | register);
	wait_for(|| mac_ready(chip))
}

/// The chip.
pub struct Ethernet {
	chip: Registers,
	address: [u8; 6],
}

impl Ethernet {
	/// Resets and starts the chip; `None` when it is not there or does not answer.
	pub(crate) fn start() -> Option<Self> {
		let chip = chip();
		if chip.read(BYTE_TEST) != BYTE_TEST_VALUE || chip.read(ID_REV) >> 16 != ID_LAN9118 {
			return None;
		}
		chip.write(HW_CFG, HW_CFG_SOFT_RESET);
		wait_for(|| chip.read(HW_CFG) & HW_CFG_SOFT_RESET == 0)?;
		chip.write(HW_CFG, HW_CFG_MUST_BE_ONE | HW_CFG_TX_5KB);
		chip.write(AFC_CFG, AFC_CFG_VALUE);
		chip.write(INT_EN, 0);
		chip.write(INT_STS, u32::MAX);
		// An interrupt for the first packet; none for what was sent.
		chip.write(FIFO_INT, 0);
		chip.write(RX_CFG, 0);
		// The chip took its address from its memory, as QEMU sets it.
		let (low, high) = (
			mac_read(chip, MAC_ADDRESS_LOW)?,
			mac_read(chip, MAC_ADDRESS_HIGH)?,
		);
		let [a, b, c, d] = low.to_le_bytes();
		let [e, f, _, _] = high.to_le_bytes();
		mac_write(
			chip,
			MAC_CR,
			MAC_CR_FULL_DUPLEX | MAC_CR_TRANSMIT | MAC_CR_RECEIVE,
		)?;
		chip.write(TX_CFG, TX_ON);
		chip.write(IRQ_CFG, IRQ_ENABLED | IRQ_PUSH_PULL | IRQ_ACTIVE_HIGH);
		chip.write(INT_EN, INT_RECEIVED);
		Some(Ethernet {
			chip,
			address: [a, b, c, d, e, f],
		})
	}

	fn packets_waiting(&self) -> bool {
		self.chip.read(RX_FIFO_INF) >> 16 & 0xff != 0
	}

	fn has_room_to_send(&self) -> bool {
		// What was sent leaves a status behind that nobody else takes away.
		while self.chip.read(TX_FIFO_INF) >> 16 & 0xff != 0 {
			self.chip.read(TX_STATUS);
		}
		let free = self.chip.read(TX_FIFO_INF) & 0xffff;
		// Two words of command stand before a packet.
		free as usize >= PACKET_BYTES + 16
	}

	/// Throws a packet away that is too long or damaged: the chip skips to the next.
	fn discard(&self, words: usize) {
		// The chip can skip four words and more; fewer have to be read.
		if words < 4 {
			for _ in 0..words {
				self.chip.read(RX_DATA);
			}
		} else {
			self.chip.write(RX_DP_CTRL, RX_DISCARD);
			let _ = wait_for(|| self.chip.read(RX_DP_CTRL) & RX_DISCARD == 0);
		}
	}

	fn room(&self) -> Room<'_> {
		Room {
			chip: self.chip,
			_driver: PhantomData,
		}
	}

	/// Length of the next good packet, whose status has been taken.
	fn next_packet(&self) -> Option<usize> {
		while self.packets_waiting() {
			let status = self.chip.read(RX_STATUS);
			let length = (status >> 16 & 0x3fff) as usize;
			let words = length.div_ceil(4);
			match length.checked_sub(CHECKSUM_BYTES) {
				Some(bytes) if status & RX_ERROR == 0 && bytes <= PACKET_BYTES => return Some(bytes),
				_ => self.discard(words),
			}
		}
		None
	}
}

/// A packet that waits in the chip.
pub struct Received<'a> {
	bytes: usize,
	chip: Registers,
	_driver: PhantomData<&'a mut Ethernet>,
}

impl RxToken for Received<'_> {
	fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, f: F) -> R {
		let mut packet = [0; (PACKET_BYTES + CHECKSUM_BYTES).next_multiple_of(4)];
		let words = (self.bytes + CHECKSUM_BYTES).div_ceil(4);
		for place in packet.chunks_exact_mut(4).take(words) {
			place.copy_from_slice(&self.chip.read(RX_DATA).to_le_bytes());
		}
		// `next_packet` gave no more than the buffer holds.
		f(&mut packet[..self.bytes.min(PACKET_BYTES)])
	}
}

/// Room for a packet in the chip.
pub struct Room<'a> {
	chip: Registers,
	_driver: PhantomData<&'a mut Ethernet>,
}

impl TxToken for Room<'_> {
	fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
		let mut packet = [0; PACKET_BYTES.next_multiple_of(4)];
		// The stack keeps to the capabilities that the driver names.
		let length = length.min(PACKET_BYTES);
		let result = f(&mut packet[..length]);
		self.chip.write(TX_DATA, TX_FIRST_AND_LAST | length as u32);
		self.chip.write(TX_DATA, length as u32);
		for word in packet.chunks_exact(4).take(length.div_ceil(4)) {
			let mut bytes = [0; 4];
			bytes.copy_from_slice(word);
			self.chip.write(TX_DATA, u32::from_le_bytes(bytes));
		}
		result
	}
}

impl Driver for Ethernet {
	type RxToken<'a> = Received<'a>;
	type TxToken<'a> = Room<'a>;

	fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Room<'_>)> {
		RECEIVED.register(context.waker());
		// An answer may have to be sent for what is received.
		if !self.has_room_to_send() {
			context.waker().wake_by_ref();
			return None;
		}
		let Some(bytes) = self.next_packet() else {
			self.chip.write(INT_STS, INT_RECEIVED);
			self.chip.write(INT_EN, INT_RECEIVED);
			// One that came between the look and the interrupt being on would wait for the next.
			if self.packets_waiting() {
				context.waker().wake_by_ref();
			}
			return None;
		};
		let received = Received {
			bytes,
			chip: self.chip,
			_driver: PhantomData,
		};
		Some((received, self.room()))
	}

	fn transmit(&mut self, context: &mut Context<'_>) -> Option<Room<'_>> {
		if !self.has_room_to_send() {
			// At 100 Mbit/s there is room again within a tenth of a millisecond.
			context.waker().wake_by_ref();
			return None;
		}
		Some(self.room())
	}

	fn link_state(&mut self, _context: &mut Context<'_>) -> LinkState {
		// The PHY's registers are not watched: without a link nothing arrives, and the layers above notice that.
		LinkState::Up
	}

	fn capabilities(&self) -> Capabilities {
		let mut capabilities = Capabilities::default();
		capabilities.max_transmission_unit = PACKET_BYTES;
		capabilities.max_burst_size = Some(1);
		capabilities
	}

	fn hardware_address(&self) -> HardwareAddress {
		HardwareAddress::Ethernet(self.address)
	}
}
