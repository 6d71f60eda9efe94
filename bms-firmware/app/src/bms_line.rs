//! A JBD board at the end of a UART: asks it and waits for its answers, with a deadline.

use core::task::Poll;

use bms_core::{
	jbd::{self, BasicInformation, JbdError, Receiver, Register, MAX_DATA_BYTES},
	BmsSource, Measurement,
};
use embassy_futures::poll_once;
use embassy_time::{with_timeout, Duration};
use embedded_io_async::{Read, Write};

/// How long a board may take: 32 cells are 71 bytes, 74 ms at 9600 baud, and the boards think for some 20 ms before.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(300);

/// Why there is no measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
	/// The UART does not work.
	#[error("the line failed")]
	Line,
	/// No answer in time.
	#[error("no answer")]
	Silent,
	/// An answer that makes no measurement.
	#[error(transparent)]
	Answer(#[from] JbdError),
}

/// The line.
pub struct BmsLine<U> {
	uart: U,
	receiver: Receiver,
}

impl<U: Read + Write> BmsLine<U> {
	/// On this UART, at the board's rate.
	pub const fn new(uart: U) -> Self {
		BmsLine {
			uart,
			receiver: Receiver::new(),
		}
	}

	/// Asks for both registers that a measurement needs.
	pub async fn measure(&mut self) -> Result<Measurement, LineError> {
		let mut data = [0; MAX_DATA_BYTES];
		let length = self.read(Register::BasicInformation, &mut data).await?;
		let basic = BasicInformation::parse(&data[..length])?;
		let length = self.read(Register::CellVoltages, &mut data).await?;
		let cells = jbd::cell_voltages(&data[..length])?;
		Ok(jbd::measurement(&basic, &cells)?)
	}

	/// Reads a register into `data` and returns the length of what was read.
	async fn read(
		&mut self,
		register: Register,
		data: &mut [u8; MAX_DATA_BYTES],
	) -> Result<usize, LineError> {
		self.forget().await?;
		let request = jbd::request(register);
		self.uart.write_all(&request).await.map_err(|_| LineError::Line)?;
		with_timeout(ANSWER_TIMEOUT, self.answer(register, data))
			.await
			.map_err(|_| LineError::Silent)?
	}

	/// Throws away what came in since the last answer: an answer that came too late is no answer to the next question.
	async fn forget(&mut self) -> Result<(), LineError> {
		self.receiver.clear();
		let mut bytes = [0; 32];
		loop {
			match poll_once(self.uart.read(&mut bytes)) {
				Poll::Pending => return Ok(()),
				Poll::Ready(Ok(_)) => {}
				Poll::Ready(Err(_)) => return Err(LineError::Line),
			}
		}
	}

	async fn answer(
		&mut self,
		register: Register,
		data: &mut [u8; MAX_DATA_BYTES],
	) -> Result<usize, LineError> {
		loop {
			let mut byte = [0];
			self.uart.read(&mut byte).await.map_err(|_| LineError::Line)?;
			let Some(packet) = self.receiver.push(byte[0]) else {
				continue;
			};
			match packet.answer_to(register) {
				// Of a question before.
				Err(JbdError::OtherRegister) => {}
				Err(error) => return Err(error.into()),
				Ok(answer) => {
					let place = data.get_mut(..answer.len()).ok_or(JbdError::TooMany)?;
					place.copy_from_slice(answer);
					return Ok(answer.len());
				}
			}
		}
	}
}

/// What the line said, as the source that the device core asks: the asking is done before, for it takes time.
pub struct Answered(pub Result<Measurement, LineError>);

impl BmsSource for Answered {
	type Error = LineError;

	fn sample(&mut self) -> Result<Measurement, LineError> {
		self.0
	}
}
