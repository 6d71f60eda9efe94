//! Measures at its rate, whatever the network does.

use core::cell::RefCell;

use bms_core::{Clock, Closed, Device, DeviceError, Measurement, NonVolatile, SignerKey};
use bms_flash::configuration::Rates;
use embassy_time::{Duration, Ticker};
use embedded_io_async::{Read, Write};

use crate::{
	bms_line::{Answered, BmsLine, LineError},
	board::{console, time},
	effort,
	publishing::FRAME_CLOSED,
};

/// Never returns.
pub async fn run<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize>(
	device: &RefCell<Device<K, N, READINGS, SLOTS>>,
	uart: impl Read + Write,
	rates: Rates,
	mut clock: impl Clock,
) {
	let mut line = BmsLine::new(uart);
	let mut ticker = Ticker::every(Duration::from_millis(u64::from(rates.measure_every_ms)));
	let mut until_reading = 0;
	let mut trouble: Option<LineError> = None;
	let mut outbox_full = false;
	loop {
		let answer = line.measure().await;
		// A line when something begins or ends, not for every measurement.
		if answer.err() != trouble {
			trouble = answer.err();
			match trouble {
				Some(error) => console::line(format_args!("bms error=\"{error}\"")),
				None => console::line(format_args!("bms answers")),
			}
		}
		let reads = until_reading == 0;
		if reads {
			until_reading = rates.measurements_per_reading;
		}
		until_reading -= 1;
		match record(device, answer, reads, &mut clock) {
			Some(Ok(closed)) if closed.frames > 0 => {
				outbox_full = false;
				console::line(format_args!(
					"closed frames={} readings={} alerts={}",
					closed.frames, closed.readings, closed.alerts
				));
				FRAME_CLOSED.signal(());
			}
			Some(Err(error)) if !outbox_full => {
				outbox_full = true;
				console::line(format_args!("not closed error=\"{error}\""));
			}
			_ => {}
		}
		ticker.next().await;
	}
}

/// Hands a measurement to the device, as a reading or between two; `None` when somebody else has borrowed it, which nobody
/// does across an await.
fn record<K: SignerKey, N: NonVolatile, const READINGS: usize, const SLOTS: usize>(
	device: &RefCell<Device<K, N, READINGS, SLOTS>>,
	answer: Result<Measurement, LineError>,
	reads: bool,
	clock: &mut impl Clock,
) -> Option<Result<Closed, DeviceError<N::Error>>> {
	let mut device = device.try_borrow_mut().ok()?;
	let mut source = Answered(answer);
	let began = time::steps();
	let result = if reads {
		device.sample(&mut source, clock)
	} else {
		device.watch(&mut source, clock)
	};
	match &result {
		Ok(closed) if closed.frames > 0 => effort::FRAME.note(began),
		Ok(_) => effort::MEASUREMENT.note(began),
		Err(_) => {}
	}
	Some(result)
}
